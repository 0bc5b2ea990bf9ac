//! Parts that are off by default, each switched on by its name in `PART`, so that its cost can be measured: the same work as
//! that of the plain hub, at the same path.

use axum::{Router, extract::Request, middleware::map_request};
use hubs::{
    Access, HubCallerContext, HubFilter, HubOptions, HubResult, Hubs, NoClient, Principal, RateLimit, client_interface,
    hub,
};

/// Hubs whose clients get a broadcast under a policy for slow readers.
macro_rules! broadcasting {
    ($($name:ident [$($policy:tt)*])*) => {
        $(mod $name {
            use super::*;

            #[client_interface]
            pub(super) trait Screen {
                #[$($policy)*]
                async fn receive(&self, text: String) -> HubResult<()>;
            }

            #[hub(client = Screen)]
            pub(super) trait Board {
                async fn broadcast(&self, cx: &HubCallerContext<ScreenContract>, text: String) -> HubResult<()>;
            }

            pub(super) struct Own;

            impl Board for Own {
                async fn broadcast(&self, cx: &HubCallerContext<ScreenContract>, text: String) -> HubResult<()> {
                    cx.clients().all().receive(text).await?;
                    Ok(())
                }
            }
        })*
    };
}

broadcasting! {
    latest [method(latest)]
    coalesce [method(coalesce = "text")]
    drop_oldest [method(drop_oldest)]
}

/// Hubs whose echo asks for something.
macro_rules! guarded {
    ($($name:ident [$($authorize:tt)*])*) => {
        $(mod $name {
            use super::*;

            #[hub]
            pub(super) trait Guarded {
                #[$($authorize)*]
                async fn echo(&self, cx: &HubCallerContext<NoClient>, text: String) -> HubResult<String>;
            }

            pub(super) struct Own;

            impl Guarded for Own {
                async fn echo(&self, _: &HubCallerContext<NoClient>, text: String) -> HubResult<String> {
                    Ok(text)
                }
            }
        })*
    };
}

guarded! {
    role [authorize(role = "member")]
    policy [authorize(policy = "short")]
}

/// Runs what comes after it.
struct Nothing;

impl HubFilter for Nothing {}

/// The options of the plain hub, with this part.
pub(crate) fn options(part: &str) -> HubOptions {
    let options = HubOptions::default().stateful_reconnect(true);
    match part {
        "rate" => options.call_rate_limit(RateLimit::per_second(u32::MAX)),
        "large" => options.maximum_receive_message_size(2 * 1024 * 1024),
        _ => options,
    }
}

/// The plain hub with this part, or one beside it that has the part.
pub(crate) fn hubs(part: &str, plain: impl FnOnce(&'static str) -> Hubs) -> Hubs {
    let stands_beside = ["role", "policy", "latest", "coalesce", "drop-oldest"].contains(&part);
    let hubs = plain(if stands_beside { "/plain" } else { "/hub" }).options(options(part));
    let short = |access: &Access<'_>| access.argument::<String>("text").is_some_and(|text| text.len() < 1000);
    match part {
        "filter" => hubs.filter(Nothing),
        "filters" => hubs.filter(Nothing).filter(Nothing).filter(Nothing),
        "role" => hubs.map("/hub", role::GuardedContract, role::Own),
        "policy" => hubs.policy("short", short).map("/hub", policy::GuardedContract, policy::Own),
        "latest" => hubs.map("/hub", latest::BoardContract, latest::Own),
        "coalesce" => hubs.map("/hub", coalesce::BoardContract, coalesce::Own),
        "drop-oldest" => hubs.map("/hub", drop_oldest::BoardContract, drop_oldest::Own),
        _ => hubs,
    }
}

/// Their routes, with a user where the part needs one.
pub(crate) fn router(part: &str, hubs: &Hubs) -> Router {
    let router = hubs.router();
    if matches!(part, "role" | "policy") { router.layer(map_request(signed_in)) } else { router }
}

async fn signed_in(mut request: Request) -> Request {
    request.extensions_mut().insert(Principal::new("ann").with_role("member"));
    request
}

/// Installs a recorder, for the part `metrics`.
#[cfg(feature = "parts")]
pub(crate) fn record(part: &str) {
    if part == "metrics" && metrics_util::debugging::DebuggingRecorder::new().install().is_err() {
        eprintln!("there is a recorder already");
    }
}

#[cfg(not(feature = "parts"))]
pub(crate) fn record(_: &str) {}
