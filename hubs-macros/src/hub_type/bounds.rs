//! That each field's type may cross the wire, said once: one error in our words where it may not, and none of the derives'.
//!
//! For a field of type `Author` of `Note` there is an `impl FieldOf<Note, 0> for Author`, whose supertrait is all that the
//! derives need. Where `Author` lacks it, this implementation is the only error, and it is shown at the field; the derives
//! read `Author: FieldOf<Note, 0>` in their where clauses, and take the rest from there.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{
    Data, DeriveInput, Field, GenericArgument, LitStr, Path, PathArguments, Type, parse_quote, spanned::Spanned as _,
};

use super::parts::Part;
use crate::names;

/// What is asked of the fields of one type.
#[derive(Default)]
pub(super) struct Bounds {
    /// To stand where `__hubs` is in scope.
    pub(super) implementations: Vec<TokenStream>,
    /// `Author: __hubs::FieldOf<Note, 0>`.
    pub(super) predicates: Vec<TokenStream>,
    /// The fields by their place, with the text of the predicate and of the type that schemars reads.
    fields: Vec<(usize, LitStr, LitStr)>,
}

impl Bounds {
    /// Of the fields whose types do not depend on parameters: the others are asked for where those are known.
    pub(super) fn of(input: &DeriveInput, krate: &Path, parts: &[Part]) -> Self {
        let mut bounds = Self::default();
        let converted =
            ["from", "try_from", "into", "remote"].iter().any(|key| super::sets(&input.attrs, "serde", key));
        if converted {
            return bounds;
        }
        let params: Vec<&Ident> = input.generics.type_params().map(|param| &param.ident).collect();
        let consts: Vec<&Ident> = input.generics.const_params().map(|param| &param.ident).collect();
        let depends = |word: &Ident| word == "Self" || params.contains(&word) || consts.contains(&word);
        let parts = parts.iter().filter(|part| part.plain && !is_known(&part.ty));
        for Part { index, ty, .. } in parts.filter(|part| !mentions(part.ty.to_token_stream(), &depends)) {
            bounds.add(input, krate, *index, ty);
        }
        bounds
    }

    fn add(&mut self, input: &DeriveInput, krate: &Path, index: usize, ty: &Type) {
        let DeriveInput { ident, generics, .. } = input;
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let owner = quote!(#ident #ty_generics);
        let at = names::generated_at(ty.span());
        let asked = quote_spanned!(at=> __hubs::FieldOf<#owner, #index>);
        self.implementations.push(quote!(impl #impl_generics #asked for #ty #where_clause {}));
        // With a lifetime the compiler takes it as given, also where it does not hold.
        self.predicates.push(quote!(for<'field> #ty: #asked));
        let private = quote!(#krate::__private);
        let text = |tokens: TokenStream| LitStr::new(&tokens.to_string(), at);
        let predicate = text(quote!(for<'field> #ty: #private::FieldOf<#owner, #index>));
        self.fields.push((index, predicate, text(quote!(#private::SchemaOf<#ty, #owner, #index>))));
    }

    /// Tells the derives.
    pub(super) fn tell(&self, input: &mut DeriveInput) {
        let fields: Vec<&mut Field> = match &mut input.data {
            Data::Struct(data) => data.fields.iter_mut().collect(),
            Data::Enum(data) => data.variants.iter_mut().flat_map(|variant| &mut variant.fields).collect(),
            Data::Union(_) => Vec::new(),
        };
        for (place, field) in fields.into_iter().enumerate() {
            if let Some((_, predicate, schema)) = self.fields.iter().find(|(index, ..)| *index == place) {
                field.attrs.push(parse_quote!(#[serde(bound = #predicate)]));
                field.attrs.push(parse_quote!(#[schemars(with = #schema)]));
            }
        }
    }
}

/// Types that need not be asked: nothing but the number of errors depends on this, where a type of the user has such a name.
const KNOWN: [&str; 15] =
    ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize", "f32", "f64", "bool", "char", "String"];

/// Types that need no more than the types in them.
const AROUND: [&str; 7] = ["Vec", "Option", "Box", "HashMap", "BTreeMap", "HashSet", "BTreeSet"];

fn is_known(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_known(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_known),
        Type::Path(path) if path.qself.is_none() => {
            let Some(last) = path.path.segments.last() else { return false };
            let name = last.ident.to_string();
            match &last.arguments {
                PathArguments::None => path.path.segments.len() == 1 && KNOWN.contains(&name.as_str()),
                PathArguments::AngleBracketed(list) if AROUND.contains(&name.as_str()) => {
                    list.args.iter().all(|arg| matches!(arg, GenericArgument::Type(ty) if is_known(ty)))
                }
                _ => false,
            }
        }
        _ => false,
    }
}

fn mentions(tokens: TokenStream, is: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => is(&word),
        TokenTree::Group(group) => mentions(group.stream(), is),
        _ => false,
    })
}
