//! What deployments add to calls and deliveries: authorisation, filters, policies for slow readers, large texts, a second thread.

use super::{Figure, Goal, Needs, Point, Setup, goal, point};

/// A part of the bench hub, which no other server has.
const fn part(name: &'static str, title: &'static str, load: &'static str, part: &'static str) -> Point {
    Point { needs: Needs::Hub, setup: Setup::Part(part), ..point(name, title, load, &[]) }
}

/// Texts of more than a hub takes by default.
const fn large(name: &'static str, title: &'static str, load: &'static str) -> Point {
    Point { needs: Needs::Large, setup: Setup::Part("large"), ..point(name, title, load, &[]) }
}

/// Texts to groups, by delivery.
const fn groups(name: &'static str, title: &'static str, load: &'static str) -> Point {
    Point { needs: Needs::Groups, ..point(name, title, load, &[]) }
}

/// Two threads do 1.8 times the work of one if a unit costs at most 2 / 1.8 of its CPU.
const fn two_threads(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { setup: Setup::TwoThreads, needs: Needs::Hub, ..point(name, title, load, goals) }
}

const STORM: &str = "storm --connections 5000";

pub(super) const ALL: &[Point] = &[
    groups(
        "groups-1000",
        "text to one of 1 000 groups of ten, 16 outstanding",
        "members --connections 1000 --groups 1000 --window 16",
    ),
    groups(
        "groups-10",
        "text to one of ten groups of 1 000, 16 outstanding",
        "members --connections 1000 --groups 10 --window 16",
    ),
    point("storm", "connect and one call each, 5 000 come back at once", STORM, &[]),
    Point { figure: Figure::AllBack, ..point("storm-back", "until all 5 000 are answered", STORM, &[]) },
    part("echo-1-authorised", "echo, 1 in flight, for users with a role", "echo --window 1", "role"),
    part("echo-1-filters", "echo, 1 in flight, through three filters", "echo --window 1", "filters"),
    part(
        "broadcast-1-coalesce",
        "broadcast to 1 000, 1 outstanding, `coalesce`",
        "broadcast --connections 1000 --window 1",
        "coalesce",
    ),
    part(
        "broadcast-16-coalesce",
        "broadcast to 1 000, 16 outstanding, `coalesce`",
        "broadcast --connections 1000 --window 16",
        "coalesce",
    ),
    large("echo-64k", "echo of 64 KiB, 1 in flight", "echo --window 1 --connections 16 --bytes 65536"),
    large("echo-1m", "echo of 1 MB, 1 in flight", "echo --window 1 --connections 4 --bytes 1000000"),
    large("broadcast-64k", "broadcast of 64 KiB to 100", "broadcast --connections 100 --bytes 65536"),
    large("broadcast-1m", "broadcast of 1 MB to 20", "broadcast --connections 20 --bytes 1000000"),
    two_threads(
        "echo-16-two",
        "echo, 16 in flight, two threads on two cores",
        "echo --window 16",
        &[goal("hubs", "echo-16", 2.0 / 1.8)],
    ),
    two_threads(
        "broadcast-16-two",
        "broadcast to 1 000, 16 outstanding, two threads on two cores",
        "broadcast --connections 1000 --window 16",
        &[goal("hubs", "broadcast-16", 2.0 / 1.8)],
    ),
];
