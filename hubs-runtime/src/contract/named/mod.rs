//! What a JSON Schema does not say about a Rust type: its name, its parameters, the order of its fields, and which types it
//! is made of. Written as ts-rs writes types; `shape` reads it. Must not know JSON Schema.

mod layout;
mod others;
mod standard;

use std::{
    any::{TypeId, type_name},
    collections::HashSet,
    fmt,
};

pub use layout::{Layout, Part, Place, laid_out};

/// A type that the contract can name. `#[hub_type]` implements it.
///
/// It is a trait, so that the compiler decides which type a field has: an alias of `Duration` is a `Duration`, and a
/// `LinkedList` of yours is none of the standard library's.
pub trait Named: 'static {
    /// The type where it is used.
    fn name(names: &Names) -> String;

    /// The type's own layout, with the names of its fields' types; `None` if it has none.
    fn layout(part: Part, names: &Names) -> Option<Layout> {
        let _ = (part, names);
        None
    }

    /// What is declared under the type's name; `None` for a type that is written out where it is used.
    fn declared() -> Option<Declared> {
        None
    }

    /// The types that it is made of.
    fn parts(parts: &mut Parts) {
        let _ = parts;
    }
}

/// One declaration.
#[derive(Debug)]
pub struct Declared {
    /// Equal for all instances of one generic type.
    pub id: TypeId,
    /// The name.
    pub name: &'static str,
    /// The Rust type, with its parameters.
    pub rust_path: &'static str,
    /// The doc comment, with its comment marks.
    pub docs: Option<String>,
    /// The names of the type's parameters.
    pub params: &'static [&'static str],
    /// The whole declaration; `None` where ts-rs cannot write it.
    pub text: Option<String>,
}

impl Declared {
    /// The declaration of `T`; `Id` is a type of its own for each declaration.
    pub fn new<T: ?Sized, Id: 'static>(name: &'static str, params: &'static [&'static str]) -> Self {
        Self { id: TypeId::of::<Id>(), name, rust_path: type_name::<T>(), docs: None, params, text: None }
    }
}

/// Collects the declarations of all that a type is made of.
#[derive(Debug, Default)]
pub struct Parts {
    seen: HashSet<TypeId>,
    declared: Vec<Declared>,
}

impl Parts {
    /// Adds `T` and its parts.
    pub fn add<T: Named + ?Sized>(&mut self) {
        if self.seen.insert(TypeId::of::<T>()) {
            self.declared.extend(T::declared());
            T::parts(self);
        }
    }

    /// The declarations that have come since the last time.
    #[cfg(feature = "contract")]
    pub(super) fn take(&mut self) -> Vec<Declared> {
        std::mem::take(&mut self.declared)
    }
}

/// What type parameters are called while a declaration is written.
#[derive(Debug, Clone, Default)]
pub struct Names {
    params: &'static [&'static str],
    /// Types that are given for parameters with bounds, which [`Param`] does not meet.
    given: Vec<(TypeId, &'static str)>,
}

impl Names {
    /// In a declaration with these parameters: [`Param<0>`] is the first.
    pub fn new(params: &'static [&'static str]) -> Self {
        Self { params, given: Vec::new() }
    }

    /// The same; where `T` is used it means this parameter.
    #[must_use]
    pub fn with<T: 'static + ?Sized>(mut self, param: &'static str) -> Self {
        self.given.push((TypeId::of::<T>(), param));
        self
    }

    /// The same for a field that speaks of these parameters only: where another field has such a type, it means the type.
    #[must_use]
    pub fn among(&self, params: &[&str]) -> Self {
        let given = self.given.iter().filter(|(_, param)| params.contains(param)).copied().collect();
        Self { params: self.params, given }
    }

    /// How `T` is written.
    pub fn of<T: Named + ?Sized>(&self) -> String {
        let id = TypeId::of::<T>();
        let given = self.given.iter().find(|(given, _)| *given == id);
        given.map_or_else(|| T::name(self), |(_, param)| (*param).to_owned())
    }

    /// The fields of `T`, to stand among those of a type around it; `None` if it has none.
    pub fn fields<T: Named + ?Sized>(&self) -> Option<String> {
        let id = TypeId::of::<T>();
        match self.given.iter().find(|(given, _)| *given == id) {
            Some((_, param)) => Some((*param).to_owned()),
            None => T::layout(Part::Fields, self)?.text(),
        }
    }

    /// A name with parameters.
    pub fn generic(&self, name: &str, args: &[String]) -> String {
        if args.is_empty() { name.to_owned() } else { format!("{name}<{}>", args.join(", ")) }
    }
}

/// In the place of a type parameter while a declaration is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Param<const INDEX: usize>;

impl<const INDEX: usize> fmt::Display for Param<INDEX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{INDEX}")
    }
}

impl<const INDEX: usize> Named for Param<INDEX> {
    fn name(names: &Names) -> String {
        names.params.get(INDEX).map_or_else(|| "unknown".to_owned(), |param| (*param).to_owned())
    }

    fn layout(part: Part, names: &Names) -> Option<Layout> {
        (part == Part::Fields).then(|| Layout::written(Self::name(names)))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        borrow::Cow,
        collections::{BTreeMap, LinkedList, VecDeque},
        marker::PhantomData,
        time::Duration as Wait,
    };

    use super::*;

    fn name<T: Named>() -> String {
        Names::default().of::<T>()
    }

    #[test]
    fn types_of_the_standard_library_have_names() {
        assert_eq!(name::<Option<Vec<u64>>>(), "Array<number> | null");
        assert_eq!(name::<(VecDeque<String>, LinkedList<bool>)>(), "[Array<string>, Array<boolean>]");
        assert_eq!(name::<BTreeMap<char, [u8; 2]>>(), "{ [key in string]: [number, number] }");
        assert_eq!(name::<Box<Cow<'static, str>>>(), "string");
        assert_eq!((name::<Wait>(), name::<PhantomData<Wait>>()), ("null".to_owned(), "null".to_owned()));
        assert_eq!(name::<[u8; 65]>(), "Array<number>");
    }

    #[test]
    fn parameters_are_called_by_their_names() {
        let names = Names::new(&["T", "U"]).with::<String>("U");
        assert_eq!(names.of::<Vec<Param<0>>>(), "Array<T>");
        assert_eq!(names.of::<(Param<0>, String)>(), "[T, U]");
        assert_eq!(names.among(&["T"]).of::<(Param<0>, String)>(), "[T, string]");
    }
}
