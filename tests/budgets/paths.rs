//! Every path that a source file names, made absolute: `use` trees, paths in code and types, and the tokens inside
//! macro calls, which syn leaves unparsed. Code that only tests see is left out.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, ItemMod, Macro, UseTree,
    visit::{self, Visit},
};

/// A path and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// `["crate", "protocol", "HubMessage"]`, or `["tokio", "time"]`.
    pub(crate) segments: Vec<String>,
    /// From 1.
    pub(crate) line: usize,
}

/// The paths that `text` names. `module` is where the file lies in its crate, such as `["hub", "invoker"]`; `itself`
/// is the crate's own name.
pub(crate) fn named_in(text: &str, module: &[&str], itself: &str) -> Vec<Named> {
    let file = syn::parse_file(text).expect("a source file parses");
    let mut reader = Reader {
        module: module.iter().map(|part| (*part).to_owned()).collect(),
        itself: itself.to_owned(),
        found: Vec::new(),
    };
    reader.visit_file(&file);
    reader.found
}

struct Reader {
    module: Vec<String>,
    itself: String,
    found: Vec<Named>,
}

impl Reader {
    fn add(&mut self, segments: &[String], span: Span) {
        let segments = self.absolute(segments);
        self.found.push(Named { segments, line: span.start().line });
    }

    /// Turns `self::`, `super::` and the crate's own name into `crate::`; leaves other paths as they are.
    fn absolute(&self, segments: &[String]) -> Vec<String> {
        let ups = segments.iter().take_while(|segment| *segment == "super").count();
        let (kept, skipped) = match segments.first().map(String::as_str) {
            Some("super") => (self.module.len().saturating_sub(ups), ups),
            Some("self") if segments.len() > 1 => {
                let ups = segments[1..].iter().take_while(|segment| *segment == "super").count();
                (self.module.len().saturating_sub(ups), ups + 1)
            }
            Some(first) if first == "crate" || first == self.itself => (0, 1),
            _ => return segments.to_vec(),
        };
        let own = self.module[..kept].iter();
        std::iter::once("crate".to_owned()).chain(own.cloned()).chain(segments[skipped..].iter().cloned()).collect()
    }

    fn add_tree(&mut self, before: &mut Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.add_tree(before, &path.tree);
                before.pop();
            }
            UseTree::Name(name) if name.ident == "self" => self.add(before, name.ident.span()),
            UseTree::Name(name) => self.add_leaf(before, name.ident.to_string(), name.ident.span()),
            UseTree::Rename(rename) => self.add_leaf(before, rename.ident.to_string(), rename.ident.span()),
            UseTree::Glob(glob) => self.add_leaf(before, "*".to_owned(), glob.star_token.spans[0]),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }

    fn add_leaf(&mut self, before: &[String], leaf: String, span: Span) {
        let segments: Vec<String> = before.iter().cloned().chain([leaf]).collect();
        self.add(&segments, span);
    }

    /// Joins `a :: b :: c` in unparsed tokens to paths.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons, mut span) = (Vec::new(), 0, Span::call_site());
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) if colons == 2 && !path.is_empty() => path.push(ident.to_string()),
                TokenTree::Ident(ident) => {
                    self.flush(&mut path, span);
                    span = ident.span();
                    path.push(ident.to_string());
                }
                TokenTree::Group(group) => {
                    self.flush(&mut path, span);
                    self.add_tokens(group.stream());
                }
                _ => self.flush(&mut path, span),
            }
            colons = 0;
        }
        self.flush(&mut path, span);
    }

    fn flush(&mut self, path: &mut Vec<String>, span: Span) {
        if path.len() > 1 {
            self.add(path, span);
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !only_in_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let (Some(first), true) = (path.segments.first(), segments.len() > 1) {
            self.add(&segments, first.ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.add_tokens(call.tokens.clone());
    }
}

/// Whether an item is there in tests alone.
fn only_in_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

fn attributes(item: &syn::Item) -> &[Attribute] {
    match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn every_way_to_name_a_path_is_seen() {
    let text = "
        use crate::{ids::{HubError, UserId as Id}, protocol::*};
        use super::{super::lifetime, Sibling};
        use self::own::Thing;
        #[cfg(test)]
        mod tests { use crate::testing::Kit; }
        mod inner { fn f() -> super::super::call::Reply { axum::serve() } }
        fn g() { tokio::select! { x = hubs::clients::go() => crate::server::stop(x) } }
    ";
    let found = named_in(text, &["hub", "invoker"], "hubs");
    let found: Vec<String> =
        found.iter().map(|named| format!("{}:{}", named.line, named.segments.join("::"))).collect();
    let expected = [
        "2:crate::ids::HubError",
        "2:crate::ids::UserId",
        "2:crate::protocol::*",
        "3:crate::lifetime",
        "3:crate::hub::Sibling",
        "4:crate::hub::invoker::own::Thing",
        "7:crate::hub::call::Reply",
        "7:axum::serve",
        "8:tokio::select",
        "8:crate::clients::go",
        "8:crate::server::stop",
    ];
    assert_eq!(found, expected);
}
