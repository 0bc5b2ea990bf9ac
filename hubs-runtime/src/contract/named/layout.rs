//! The layout of a type as ts-rs derives it: the macro gives it a copy of the type with places for fields, so that ts-rs
//! decides about tags, names and order, and about no type of a field. Here the places are filled.

use std::panic::{self, AssertUnwindSafe};

use ts_rs::{Config, TS};

use super::{Declared, Named, Names};

/// What of a type is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole declaration.
    Declaration,
    /// The fields, to stand among those of a type around it.
    Fields,
}

/// In the place of a field's type.
#[derive(Debug, Clone, Copy)]
pub struct Place<const INDEX: usize>;

impl<const INDEX: usize> TS for Place<INDEX> {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(_: &Config) -> String {
        place(INDEX)
    }

    fn inline(_: &Config) -> String {
        place(INDEX)
    }

    fn inline_flattened(_: &Config) -> String {
        flattened(INDEX)
    }
}

fn place(index: usize) -> String {
    format!("hubs_place_{index}_")
}

fn flattened(index: usize) -> String {
    format!("hubs_flattened_{index}_")
}

/// A layout whose places are being filled.
#[derive(Debug)]
pub struct Layout {
    text: Option<String>,
    docs: Option<String>,
}

impl Layout {
    /// The layout of a copy.
    pub fn of<T: TS>(part: Part) -> Self {
        let config = Config::new();
        let text = quietly(|| match part {
            Part::Declaration => T::decl(&config),
            Part::Fields => T::inline_flattened(&config),
        });
        Self { text, docs: T::docs() }
    }

    /// A layout without places.
    pub(super) fn written(text: String) -> Self {
        Self { text: Some(text), docs: None }
    }

    /// Fills the place of a field.
    pub fn fill(&mut self, index: usize, name: impl FnOnce() -> String) {
        let place = place(index);
        if let Some(text) = self.text.as_mut().filter(|text| text.contains(&place)) {
            *text = text.replace(&place, &name());
        }
    }

    /// Fills the place of a field whose fields are written among the others; `None` if they are not known.
    pub fn fill_flattened(&mut self, index: usize, fields: impl FnOnce() -> Option<String>) {
        let place = flattened(index);
        let Some(text) = self.text.take_if(|text| text.contains(&place)) else { return };
        self.text = fields().map(|fields| {
            // Two objects are one.
            let together = fields.strip_prefix("{ ").map(|rest| format!(" {rest}"));
            let text = together.map_or_else(|| text.clone(), |rest| text.replace(&format!(" }} & {place}"), &rest));
            text.replace(&place, &fields)
        });
    }

    /// The doc comment.
    pub fn docs(&mut self) -> Option<String> {
        self.docs.take()
    }

    /// The filled layout; `None` where ts-rs cannot write it.
    pub fn text(self) -> Option<String> {
        self.text
    }
}

/// The declaration with the layout of `T`, which has stand-ins for its parameters.
pub fn laid_out<T: Named + ?Sized>(mut declared: Declared, names: &Names) -> Declared {
    if let Some(mut layout) = T::layout(Part::Declaration, names) {
        declared.docs = layout.docs();
        declared.text = layout.text();
    }
    declared
}

/// ts-rs panics at what it cannot write.
fn quietly(write: impl FnOnce() -> String) -> Option<String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let text = panic::catch_unwind(AssertUnwindSafe(write));
    panic::set_hook(hook);
    text.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(TS, hubs_macros::SerdeAttributes)]
    #[expect(dead_code, reason = "it is laid out")]
    struct Copy {
        first: Place<0>,
        #[serde(flatten)]
        second: Place<1>,
        #[serde(flatten)]
        third: Place<2>,
    }

    fn filled(second: Option<&str>, third: &str) -> Option<String> {
        let mut layout = Layout::of::<Copy>(Part::Declaration);
        layout.fill(0, || "number".to_owned());
        layout.fill_flattened(1, || second.map(str::to_owned));
        layout.fill_flattened(2, || Some(third.to_owned()));
        layout.text()
    }

    #[test]
    fn places_are_filled() {
        let objects = filled(Some("{ a: string, }"), "{ b: boolean, }");
        assert_eq!(objects.as_deref(), Some("type Copy = { first: number, a: string, b: boolean, };"));
        let choice = filled(Some("({ a: string, } | { b: string, })"), "{ c: boolean, }");
        let expected = "type Copy = { first: number, } & ({ a: string, } | { b: string, }) & { c: boolean, };";
        assert_eq!(choice.as_deref(), Some(expected));
        assert_eq!(filled(None, "{ c: boolean, }"), None, "what is not known is not guessed");
    }
}
