//! One declaration for the instances of a generic type: they may differ in what may be left out, as a field of type `T`
//! may where `T` is an `Option`.

use hubs::contract::Direction;

use super::ty::{Field, Ty};

/// A type that is true for both; `None` if they differ in more than what may be left out.
pub(super) fn both(one: &Ty, other: &Ty, direction: Direction) -> Option<Ty> {
    let all = |one: &[Ty], other: &[Ty]| -> Option<Vec<Ty>> {
        let pairs = one.iter().zip(other);
        (one.len() == other.len()).then(|| pairs.map(|(one, other)| both(one, other, direction)).collect())?
    };
    Some(match (one, other) {
        (Ty::Union(one), Ty::Union(other)) => Ty::Union(all(one, other)?),
        (Ty::All(one), Ty::All(other)) => Ty::All(all(one, other)?),
        (Ty::Tuple(one), Ty::Tuple(other)) => Ty::Tuple(all(one, other)?),
        (Ty::Generic(name, one), Ty::Generic(same, other)) if name == same => {
            Ty::Generic(name.clone(), all(one, other)?)
        }
        (Ty::Object(one), Ty::Object(other)) if one.len() == other.len() => {
            let fields = one.iter().zip(other).map(|(one, other)| field(one, other, direction));
            Ty::Object(fields.collect::<Option<_>>()?)
        }
        (one, other) if one == other => one.clone(),
        _ => return None,
    })
}

fn field(one: &Field, other: &Field, direction: Direction) -> Option<Field> {
    let optional = match direction {
        // What is always sent is welcome where it may be missing.
        Direction::Input => one.optional && other.optional,
        Direction::Output => one.optional || other.optional,
    };
    let ty = both(&one.ty, &other.ty, direction)?;
    (one.key == other.key).then(|| Field { optional, ty, ..one.clone() })
}
