//! The hubs that an application has mapped: found by contract and name, and started when they are first needed.

use std::{
    any::TypeId,
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use super::{
    HubOptions, Hubs,
    cluster::{self, Isolation},
    feed::ServedFeed,
    session::HubRuntime,
};
use crate::{
    call::{HubInterface, Interface as _, Lifecycle},
    clients::{HubCore, HubParts},
    connection::Parking,
    contract::InterfaceDescriptor,
    counters::CallMeter,
    engine::Reports,
    hub::{Filters, HubCallerContext, HubFilter, HubInvoker, Invoker},
    ids::Delivery,
    invocation::CallRates,
};

/// A hub, and the paths at which it is served.
pub(super) struct Mapped {
    pub(super) name: String,
    contract: TypeId,
    /// Whether its clients have durable methods.
    durable: bool,
    /// Options of its own; else those of the application.
    options: Option<HubOptions>,
    /// Of its own, inside of those of the application.
    filters: Filters,
    pub(super) paths: Vec<Served>,
    pub(super) feeds: Vec<ServedFeed>,
    /// Made when it is first needed: until then options may be set.
    core: OnceLock<(Arc<HubCore>, Arc<HubOptions>)>,
}

/// A path and what serves it.
pub(super) struct Served {
    pub(super) path: String,
    invoker: Arc<dyn HubInvoker>,
    runtime: OnceLock<Arc<HubRuntime>>,
}

impl Hubs {
    pub(super) fn add<C, H>(mut self, name: &str, path: &str, hub: H, options: Option<HubOptions>) -> Self
    where
        C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
        H: Send + Sync + 'static,
    {
        let contract = TypeId::of::<C>();
        if let Some(problem) = options.as_ref().and_then(HubOptions::problem) {
            tracing::error!(hub = name, "this hub refuses every connection: {problem}");
        }
        let invoker = Arc::new(Invoker::<H, C>::new(hub));
        let path = Served { path: path.to_owned(), invoker, runtime: OnceLock::new() };
        match self.mapped.iter_mut().find(|other| other.name == name) {
            Some(other) => {
                assert!(
                    other.contract == contract,
                    "the name `{name}` belongs to a hub of another contract: give this one another name with `Hubs::map_named`"
                );
                assert!(
                    options.is_none(),
                    "hub `{name}` is mapped already: name the second one with `Hubs::map_named`"
                );
                other.paths.push(path);
            }
            None => {
                let (name, paths) = (name.to_owned(), vec![path]);
                self.mapped.push(Mapped {
                    name,
                    contract,
                    durable: is_durable(&C::Client::DESCRIPTOR),
                    options,
                    filters: Filters::default(),
                    paths,
                    feeds: Vec::new(),
                    core: OnceLock::new(),
                });
            }
        }
        self
    }

    pub(super) fn assert_not_started(&self, what: &str) {
        let started = self.mapped.iter().any(|mapped| mapped.core.get().is_some());
        assert!(!started, "call `Hubs::{what}` before `Hubs::context`, `Hubs::metrics` and `Hubs::router`");
    }

    pub(super) fn add_filter<C: HubInterface>(&mut self, name: Option<&str>, filter: impl HubFilter) {
        let name = self.find::<C>(name).name.clone();
        if let Some(mapped) = self.mapped.iter_mut().find(|mapped| mapped.name == name) {
            mapped.filters.add(filter);
        }
    }

    pub(super) fn add_feed<C: HubInterface>(&mut self, feed: ServedFeed) {
        let name = self.find::<C>(None).name.clone();
        if let Some(mapped) = self.mapped.iter_mut().find(|mapped| mapped.name == name) {
            mapped.feeds.push(feed);
        }
    }

    /// The hub of contract `C`, at its first path.
    #[cfg(feature = "testing")]
    pub(crate) fn runtime<C: HubInterface>(&self, name: Option<&str>) -> Arc<HubRuntime> {
        let mapped = self.find::<C>(name);
        self.runtime_of(mapped, &mapped.paths[0])
    }

    pub(super) fn find<C: HubInterface>(&self, name: Option<&str>) -> &Mapped {
        let contract = C::DESCRIPTOR.name;
        let mut all = self.mapped.iter().filter(|mapped| mapped.contract == TypeId::of::<C>());
        let named = all.clone().find(|mapped| mapped.name == name.unwrap_or(contract));
        match (named, all.next(), all.next(), name) {
            (Some(mapped), ..) | (None, Some(mapped), None, None) => mapped,
            (None, _, _, Some(name)) => panic!("no hub `{name}` of contract `{contract}` is mapped"),
            (None, None, ..) => panic!("no hub `{contract}` is mapped: call `Hubs::map` with its contract first"),
            _ => panic!("several hubs have contract `{contract}`: choose one by its name"),
        }
    }

    pub(super) fn core(&self, mapped: &Mapped) -> (Arc<HubCore>, Arc<HubOptions>) {
        let make = || {
            assert!(
                self.backplane.is_none() || tokio::runtime::Handle::try_current().is_ok(),
                "hubs with a backplane start inside of a Tokio runtime: call `Hubs::context`, `Hubs::metrics` and \
                 `Hubs::router` in an async function, such as that of `#[tokio::main]`"
            );
            let options = mapped.options.as_ref().unwrap_or(&self.options);
            if let (None, Some(problem)) = (&mapped.options, options.problem()) {
                tracing::error!(hub = mapped.name, "this hub refuses every connection: {problem}");
            }
            let options = options.clone().saturated();
            let cluster = self.backplane.clone().map(|backplane| options.cluster(backplane, &mapped.name));
            let parts = HubParts {
                client_result_timeout: options.client_result_timeout,
                intervals: options.intervals(),
                parking: Parking::new(options.parking_limits()),
                resumable: options.resumable_limits(),
                connections: options.connection_limits(),
                groups: options.group_limits(),
                feed: (!mapped.feeds.is_empty()).then(|| options.history_limits()),
                durability: mapped.durable.then(|| options.durability(self.backplane.clone(), &mapped.name)),
                presence: options.presence(cluster.clone()),
                cluster,
            };
            let core = Arc::new(HubCore::new(&mapped.name, parts));
            if let Some(backplane) = &self.backplane {
                cluster::watch(backplane, &core, options.backplane_policy, self.shutdown_spread);
            }
            (core, Arc::new(options))
        };
        mapped.core.get_or_init(make).clone()
    }

    pub(super) fn runtime_of(&self, mapped: &Mapped, served: &Served) -> Arc<HubRuntime> {
        let make = || {
            let (core, options) = self.core(mapped);
            self.check_policies(mapped, &*served.invoker);
            let names = served.invoker.methods().iter().map(|method| method.name);
            let rates = served.invoker.methods().iter().map(|method| method.rate);
            Arc::new(HubRuntime {
                meter: CallMeter::new(&mapped.name, names),
                rates: CallRates::new(options.call_rate_limit, rates),
                invoker: self.filters.followed_by(&mapped.filters).around(Arc::clone(&served.invoker)),
                core,
                isolation: Isolation::new(self.backplane.as_ref(), options.backplane_policy),
                options,
                user_id: Arc::clone(&self.user_id),
                policies: Arc::clone(&self.policies),
                shutdown: self.shutdown.clone(),
                tasks: self.tasks.clone(),
                reports: Reports::default(),
            })
        };
        Arc::clone(served.runtime.get_or_init(make))
    }

    /// Writes to the log which policies a hub names that are not there: they refuse everyone.
    fn check_policies(&self, mapped: &Mapped, invoker: &dyn HubInvoker) {
        let of_methods = invoker.methods().iter().filter_map(|method| method.requirement.as_ref());
        let named = invoker.requirement().into_iter().chain(of_methods).flat_map(|required| required.policies);
        for policy in named.filter(|policy| !self.policies.has(policy)).collect::<BTreeSet<_>>() {
            tracing::error!(
                hub = mapped.name,
                policy,
                "this policy is not there, so what requires it is refused to everyone: add it with Hubs::policy"
            );
        }
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let feeds = self.mapped.iter().flat_map(|mapped| mapped.feeds.iter().map(|feed| feed.path.as_str()));
        self.mapped.iter().flat_map(|mapped| mapped.paths.iter().map(|served| served.path.as_str())).chain(feeds)
    }
}

fn is_durable(client: &InterfaceDescriptor) -> bool {
    client.methods.iter().any(|method| method.delivery == Delivery::Durable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HubResult, NoClient};

    type Cx = HubCallerContext<NoClient>;

    #[hubs_macros::hub]
    trait Greeter {
        async fn greet(&self, cx: &Cx) -> HubResult<()>;
    }

    struct Greets;

    impl Greeter for Greets {
        async fn greet(&self, _: &Cx) -> HubResult<()> {
            Ok(())
        }
    }

    #[test]
    fn a_hub_at_several_paths_is_one_hub() {
        let hubs = Hubs::new().map("/new", GreeterContract, Greets).map("/old", GreeterContract, Greets);
        let [mapped] = &hubs.mapped[..] else { panic!("one hub") };
        let cores = [0, 1].map(|path: usize| hubs.runtime_of(mapped, &mapped.paths[path]).core.clone());
        assert!(Arc::ptr_eq(&cores[0], &cores[1]));
        assert!(cores[0].name.starts_with("Greeter"));
        let _: axum::Router = hubs.router();
    }
}
