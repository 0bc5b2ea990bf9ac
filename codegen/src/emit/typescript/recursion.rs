//! Types that hold themselves. TypeScript resolves the names in a union, an intersection and the arguments of an alias at
//! once, and refuses an alias that needs itself there (TS2456). Fields, tuples, lists and interfaces are resolved later.
//! An alias that needs itself at once is written with what it names in its place, until a field or tuple comes between.

use std::collections::BTreeMap;

use super::schema::{Declared, Ty};

type All = BTreeMap<String, Declared>;

/// The same declarations, none of which needs itself at once.
pub(super) fn resolved(mut all: All) -> All {
    let names: Vec<String> = all.keys().cloned().collect();
    for name in names {
        if all[&name].is_interface() || !needs(&all[&name].body, &name, &all, &mut Vec::new()) {
            continue;
        }
        let body = expanded(&all[&name].body, &mut vec![name.clone()], &all).unwrap_or_else(|| Ty::atom("never"));
        if let Some(declared) = all.get_mut(&name) {
            declared.body = body;
        }
    }
    all
}

/// Whether a type needs the alias `target` at once.
fn needs(ty: &Ty, target: &str, all: &All, seen: &mut Vec<String>) -> bool {
    let name = |name: &String, seen: &mut Vec<String>| {
        if name == target {
            return true;
        }
        let Some(alias) = alias(name, all).filter(|_| !seen.contains(name)) else { return false };
        seen.push(name.clone());
        needs(&alias.body, target, all, seen)
    };
    match ty {
        Ty::Union(parts) | Ty::All(parts) => parts.iter().any(|part| needs(part, target, all, seen)),
        Ty::Atom(atom) => name(atom, seen),
        Ty::Generic(head, args) => {
            name(head, seen) || (alias(head, all).is_some() && args.iter().any(|arg| needs(arg, target, all, seen)))
        }
        Ty::Tuple(_) | Ty::Object(_) => false,
    }
}

/// A declaration that is not an interface.
fn alias<'a>(name: &str, all: &'a All) -> Option<&'a Declared> {
    all.get(name).filter(|declared| !declared.is_interface())
}

/// The type with each alias that needs one of `open` replaced by what it says; `None` for one of `open` itself, which
/// adds nothing to a union or an intersection that it is a part of.
fn expanded(ty: &Ty, open: &mut Vec<String>, all: &All) -> Option<Ty> {
    match ty {
        Ty::Union(parts) => some(parts, open, all).map(|parts| joined(parts, Ty::Union)),
        Ty::All(parts) => some(parts, open, all).map(|parts| joined(parts, Ty::All)),
        Ty::Atom(name) | Ty::Generic(name, _) => {
            if open.contains(name) {
                return None;
            }
            let Some(alias) = alias(name, all) else { return Some(ty.clone()) };
            if !open.iter().any(|target| needs(ty, target, all, &mut Vec::new())) {
                return Some(ty.clone());
            }
            let args: &[Ty] = if let Ty::Generic(_, args) = ty { args } else { &[] };
            let given: BTreeMap<_, _> = alias.params.iter().map(String::as_str).zip(args).collect();
            let body = alias.body.clone().replace(&|param| given.get(param).map(|arg| (*arg).clone()));
            open.push(name.clone());
            let body = expanded(&body, open, all);
            open.pop();
            body
        }
        Ty::Tuple(_) | Ty::Object(_) => Some(ty.clone()),
    }
}

/// The parts that say something, each once.
fn some(parts: &[Ty], open: &mut Vec<String>, all: &All) -> Option<Vec<Ty>> {
    let mut kept: Vec<Ty> = Vec::new();
    for part in parts.iter().filter_map(|part| expanded(part, open, all)) {
        if !kept.contains(&part) {
            kept.push(part);
        }
    }
    (!kept.is_empty()).then_some(kept)
}

fn joined(mut parts: Vec<Ty>, join: fn(Vec<Ty>) -> Ty) -> Ty {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::typescript::format;

    fn atom(name: &str) -> Ty {
        Ty::atom(name)
    }

    fn generic(name: &str, arg: Ty) -> Ty {
        Ty::Generic(name.to_owned(), vec![arg])
    }

    /// What the declarations become, on one line each.
    fn written(declarations: Vec<(&str, &[&str], Ty)>) -> Vec<String> {
        let all = declarations.into_iter().map(|(name, params, body)| {
            let params = params.iter().map(|param| (*param).to_owned()).collect();
            (name.to_owned(), Declared { name: name.to_owned(), params, body })
        });
        resolved(all.collect()).values().map(format::line).collect()
    }

    #[test]
    fn an_alias_that_is_itself_or_nothing_is_nothing() {
        let menu = Ty::Union(vec![atom("Menu"), atom("null")]);
        assert_eq!(written(vec![("Menu", &[], menu)]), ["type Menu = null;"]);
        assert_eq!(written(vec![("A", &[], atom("B")), ("B", &[], atom("A"))]), ["type A = never;", "type B = A;"]);
    }

    #[test]
    fn a_generic_alias_is_written_out_where_it_holds_the_type() {
        let doc = Ty::Union(vec![atom("string"), generic("Pair", atom("Doc"))]);
        let pair = Ty::Tuple(vec![atom("T"), atom("T")]);
        assert_eq!(
            written(vec![("Doc", &[], doc), ("Pair", &["T"], pair)]),
            ["type Doc = string | [Doc, Doc];", "type Pair<T> = [T, T];"]
        );
        let maybe = Ty::Union(vec![atom("T"), atom("null")]);
        let list = generic("Maybe", generic("Array", atom("List")));
        assert_eq!(
            written(vec![("List", &[], list), ("Maybe", &["T"], maybe)]),
            ["type List = Maybe<Array<List>>;", "type Maybe<T> = T | null;"],
            "lists are resolved later"
        );
    }
}
