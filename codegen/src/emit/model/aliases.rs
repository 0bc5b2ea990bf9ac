//! Names that stand for a union which needs itself, as `Menu` does in `Menu = Menu | null`: no language can say that. What it
//! names is put in its place, and the type itself adds nothing.

use std::collections::BTreeMap;

use super::{Declared, kind::Kind};

/// The same declarations, none of which needs itself at once.
pub(super) fn resolved(mut all: BTreeMap<String, Declared>) -> BTreeMap<String, Declared> {
    let names: Vec<String> = all.keys().cloned().collect();
    for name in names {
        if !needs(&all[&name].kind, &name, &all, &mut Vec::new()) {
            continue;
        }
        let kind = Kind::union(expanded(&all[&name].kind, &mut vec![name.clone()], &all));
        if let Some(declared) = all.get_mut(&name) {
            declared.kind = kind;
        }
    }
    all
}

fn needs(kind: &Kind, target: &str, all: &BTreeMap<String, Declared>, seen: &mut Vec<String>) -> bool {
    kind.parts().iter().any(|part| {
        let Kind::Named(name) = part else { return false };
        if name == target {
            return true;
        }
        if seen.contains(name) {
            return false;
        }
        seen.push(name.clone());
        all.get(name).is_some_and(|declared| needs(&declared.kind, target, all, seen))
    })
}

fn expanded(kind: &Kind, open: &mut Vec<String>, all: &BTreeMap<String, Declared>) -> Vec<Kind> {
    let mut parts = Vec::new();
    for part in kind.parts() {
        let Kind::Named(name) = part else {
            parts.push(part.clone());
            continue;
        };
        if open.contains(name) {
            continue;
        }
        let Some(declared) = all.get(name) else { continue };
        if open.iter().any(|target| needs(part, target, all, &mut Vec::new())) {
            open.push(name.clone());
            parts.extend(expanded(&declared.kind, open, all));
            open.pop();
        } else {
            parts.push(part.clone());
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(declarations: &[(&str, &[Kind])]) -> Vec<Kind> {
        let declared = declarations.iter().map(|(name, parts)| {
            let kind = Kind::union(parts.to_vec());
            ((*name).to_owned(), Declared { name: (*name).to_owned(), docs: String::new(), kind })
        });
        resolved(declared.collect()).into_values().map(|declared| declared.kind).collect()
    }

    #[test]
    fn what_needs_itself_is_written_out() {
        let named = |name: &str| Kind::Named(name.to_owned());
        assert_eq!(written(&[("Menu", &[named("Menu"), Kind::Null])]), [Kind::Null]);
        assert_eq!(
            written(&[("A", &[named("B"), Kind::Text]), ("B", &[named("A"), Kind::Null])]),
            [Kind::Union(vec![Kind::Null, Kind::Text]), Kind::Union(vec![named("A"), Kind::Null])]
        );
        let list = Kind::List(Box::new(named("Doc")));
        assert_eq!(written(&[("Doc", &[Kind::Text, list.clone()])]), [Kind::Union(vec![Kind::Text, list])]);
    }
}
