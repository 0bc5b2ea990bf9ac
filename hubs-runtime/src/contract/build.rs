//! From descriptors to the document: walks every method, visits every type once, sorts hubs and types.

use std::collections::BTreeMap;

use super::{
    Authorization, ClientContract, Contract, ContractError, ContractFlow, Direction, FORMAT, Flow, HubContract,
    InterfaceDescriptor, Method, MethodDescriptor, Output, OutputDescriptor, Param, Rate, Requirement, SlowReaders,
    TypeRegistry, registry::Types,
};
use crate::ids::Delivery;

/// Makes the document of `package` from its hubs, each with the interface of its clients (`None` for a hub that calls
/// nothing on its clients).
///
/// # Errors
/// Two interfaces or two types of one name, and all that [`TypeRegistry::finish`] finds.
pub fn contract_of(
    package: &str,
    hubs: &[(InterfaceDescriptor, Option<InterfaceDescriptor>)],
) -> Result<Contract, ContractError> {
    check_names(hubs)?;
    let mut hubs = hubs.to_vec();
    hubs.sort_by_key(|(hub, _)| hub.name);
    let mut registry = TypeRegistry::new();
    let mut hubs: Vec<_> = hubs
        .iter()
        .map(|(hub, client)| HubContract {
            name: hub.name.to_owned(),
            rust_path: hub.rust_path.to_owned(),
            docs: plain(hub.docs),
            deprecated: hub.deprecated.map(str::to_owned),
            authorize: hub.requirement.as_ref().map(authorization),
            methods: methods(&mut registry, hub, Direction::Input),
            client: client.map(|client| client_contract(&mut registry, &client)),
        })
        .collect();
    let types = registry.finish()?;
    for hub in &mut hubs {
        resolve(&mut hub.methods, &types, Direction::Input)?;
        if let Some(client) = &mut hub.client {
            resolve(&mut client.methods, &types, Direction::Output)?;
            if let Some(ty) = client.presence.take() {
                client.presence = Some(types.resolve(ty, Direction::Output)?);
            }
        }
    }
    Ok(Contract {
        format: FORMAT,
        package: package.to_owned(),
        features: Vec::new(),
        dotnet_messagepack: false,
        hubs,
        types: types.named,
    })
}

fn client_contract(registry: &mut TypeRegistry, client: &InterfaceDescriptor) -> ClientContract {
    ClientContract {
        name: client.name.to_owned(),
        rust_path: client.rust_path.to_owned(),
        docs: plain(client.docs),
        deprecated: client.deprecated.map(str::to_owned),
        methods: methods(registry, client, Direction::Output),
        presence: client.presence.map(|ty| (ty.visit)(registry, Direction::Output)),
    }
}

/// `direction` is the way of the arguments; what comes back goes the other way.
fn methods(registry: &mut TypeRegistry, interface: &InterfaceDescriptor, direction: Direction) -> Vec<Method> {
    interface.methods.iter().map(|descriptor| method(registry, descriptor, direction)).collect()
}

fn method(registry: &mut TypeRegistry, descriptor: &MethodDescriptor, direction: Direction) -> Method {
    let param = |param: &super::ParamDescriptor| Param {
        name: param.name.to_owned(),
        flow: flow(param.flow),
        ty: (param.ty.visit)(registry, direction),
    };
    let params = descriptor.params.iter().map(param).collect();
    Method {
        name: descriptor.name.to_owned(),
        rust_name: descriptor.rust_name.to_owned(),
        docs: plain(descriptor.docs),
        deprecated: descriptor.deprecated.map(str::to_owned),
        cancellable: descriptor.cancellable,
        authorize: descriptor.requirement.as_ref().map(authorization),
        resumable: descriptor.resumable,
        idempotent: descriptor.idempotent,
        rate: descriptor.rate.map(|limit| Rate { calls: limit.calls(), seconds: limit.period().as_secs() as u32 }),
        slow_readers: slow_readers(descriptor.delivery),
        durable: descriptor.delivery == Delivery::Durable,
        params,
        output: output(registry, &descriptor.output, direction.back()),
        error: descriptor.error.map(|error| (error.visit)(registry, direction.back())),
    }
}

fn authorization(requirement: &Requirement) -> Authorization {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Authorization {
        roles: requirement.roles.iter().map(|roles| names(roles)).collect(),
        policies: names(requirement.policies),
    }
}

fn slow_readers(delivery: Delivery) -> Option<SlowReaders> {
    Some(match delivery {
        Delivery::Must | Delivery::Durable => return None,
        Delivery::Latest => SlowReaders::Latest,
        Delivery::Coalesce(key) => SlowReaders::Coalesce(key.to_owned()),
        Delivery::DropOldest => SlowReaders::DropOldest,
        Delivery::Every(time) => SlowReaders::EveryMs(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
    })
}

fn output(registry: &mut TypeRegistry, descriptor: &OutputDescriptor, direction: Direction) -> Output {
    if descriptor.flow == Flow::Value && (descriptor.ty.is_unit)() {
        return Output { flow: ContractFlow::None, ty: None };
    }
    Output { flow: flow(descriptor.flow), ty: Some((descriptor.ty.visit)(registry, direction)) }
}

fn flow(flow: Flow) -> ContractFlow {
    match flow {
        Flow::Value => ContractFlow::Value,
        Flow::Stream => ContractFlow::Stream,
    }
}

fn resolve(methods: &mut [Method], types: &Types, direction: Direction) -> Result<(), ContractError> {
    for method in methods {
        for param in &mut method.params {
            param.ty = types.resolve(param.ty.clone(), direction)?;
        }
        if let Some(ty) = method.output.ty.take() {
            method.output.ty = Some(types.resolve(ty, direction.back())?);
        }
        if let Some(error) = method.error.take() {
            method.error = Some(types.resolve(error, direction.back())?);
        }
    }
    Ok(())
}

fn check_names(hubs: &[(InterfaceDescriptor, Option<InterfaceDescriptor>)]) -> Result<(), ContractError> {
    let mut known: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    let mut errors = Vec::new();
    for (interface, is_hub) in
        hubs.iter().flat_map(|(hub, client)| std::iter::once((hub, true)).chain(client.iter().map(|c| (c, false))))
    {
        let path = interface.rust_path;
        match known.insert(interface.name, (path, is_hub)) {
            // Several hubs may share one client interface.
            Some((other, other_is_hub)) if other != path || is_hub || other_is_hub => {
                let (first, second) = if other <= path { (other, path) } else { (path, other) };
                errors.push(ContractError::TwoInterfaces {
                    name: interface.name.to_owned(),
                    first: first.to_owned(),
                    second: second.to_owned(),
                });
            }
            _ => {}
        }
    }
    ContractError::check(errors)
}

/// Doc comments carry the space after `///`.
fn plain(docs: &str) -> String {
    let lines = docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
