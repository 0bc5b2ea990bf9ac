//! The catalogue: every rule with its code, what is wrong, the legal shape and why. `docs/errors.md` is made from it.
//!
//! A code is never given to another rule. HUB00x: attributes, HUB01x: the trait, HUB02x and HUB03x: methods, HUB04x:
//! parameters, HUB05x: authorisation, HUB06x: types.

/// One rule of the macros.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `HUB001` and so on.
    pub(crate) code: &'static str,
    /// What is wrong, in one line.
    pub(crate) title: &'static str,
    /// The legal shape. `{trait}`, `{method}`, `{args}`, `{name}` and `{kind}` are filled in.
    pub(crate) help: &'static str,
    /// Why the rule is there. Shown by `cargo hubs explain`.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that keeps docs/errors.md"))]
    pub(crate) why: &'static str,
}

macro_rules! rules {
    ($($name:ident = $code:literal, $title:literal, $help:literal, $why:literal;)*) => {
        $(pub(crate) const $name: Rule = Rule { code: $code, title: $title, help: $help, why: $why };)*

        /// All of them, in the order of their codes.
        #[cfg(test)]
        pub(crate) const ALL: &[Rule] = &[$($name),*];
    };
}

rules! {
    NOT_A_TRAIT = "HUB001", "a {kind} is a trait",
        "put the attribute on the trait that says which methods there are: `{trait}`",
        "The trait is the contract. The attribute goes on it, and the server (or the client) implements it on a plain struct with `impl ChatHub for Chat`; the implementation carries no attribute.";
    UNKNOWN_KEY = "HUB002", "this attribute has no such setting",
        "`#[hub(client = ChatClient, rename_all = \"camelCase\", crate = \"my::hubs\")]`, `#[client_interface(rename_all = \"..\", presence = Member, crate = \"..\")]`, `#[method(name = \"..\", cancellable, resumable, idempotent, rate = \"10/s\")]`, `#[method(latest)]`, `#[authorize(role = \"..\", roles = [\"..\"], policy = \"..\")]` or `#[hub_type(crate = \"..\")]`",
        "Settings that are not known are refused rather than skipped, so that a typing error cannot change the wire.";
    REPEATED_KEY = "HUB003", "this is set twice",
        "set it once, as in `#[method(name = \"SendMessage\")]`",
        "Two values for one setting contradict each other.";
    WRONG_VALUE = "HUB004", "this setting takes another kind of value",
        "`client = ChatClient` takes a path and `presence = Member` a type, without quotes; `name = \"..\"`, `rename_all = \"..\"`, `role = \"..\"`, `policy = \"..\"` and `crate = \"my::path\"` take a string; `cancellable`, `resumable`, `idempotent`, `must`, `latest`, `drop_oldest` and `durable` take no value; `coalesce = \"symbol\"`, `every = \"100ms\"` and `rate = \"10/s\"` take a string",
        "`client` names a trait, as Rust code does. The others are text, as with serde.";
    UNKNOWN_STYLE = "HUB005", "there is no such naming style",
        "`rename_all` is one of \"PascalCase\" (the default), \"camelCase\", \"snake_case\", \"SCREAMING_SNAKE_CASE\", \"kebab-case\", \"SCREAMING-KEBAB-CASE\", \"lowercase\", \"UPPERCASE\"",
        "The styles are serde's. .NET peers use PascalCase for methods, and so does hubs unless told otherwise.";
    CLIENT_OF_CLIENT = "HUB006", "a client interface has no client of its own",
        "`#[client_interface]` here, and `#[hub(client = {interface})]` on the hub that calls it",
        "The hub names the interface of its clients. A client interface does not name its hub, so several hubs may share one.";
    EMPTY_METHOD = "HUB007", "`#[method]` without a setting does nothing",
        "`#[method(name = \"SendMessage\")]`, `#[method(cancellable)]`, or no attribute at all",
        "Every method of the trait is part of the contract without any attribute. `#[method]` gives a method another name on the wire, lets callers cancel it or resume its stream, or says what a slow client may miss.";
    BAD_WIRE_NAME = "HUB008", "this cannot be the name of a method on the wire",
        "a name is not empty and has no spaces: `#[method(name = \"SendMessage\")]`",
        "Peers find a method by this name. An empty name, spaces and control characters are always mistakes.";
    UNREADABLE = "HUB009", "this cannot be read as a trait",
        "`{trait}`",
        "The syntax is not Rust's, or newer than these macros. Without the macro, rustc says more about it.";

    GENERIC_TRAIT = "HUB010", "a {kind} has no type or const parameters",
        "write it for the types you mean: `{trait}`",
        "One trait is one contract, with one set of messages. Type parameters would make it many; take the type that is really sent.";
    TRAIT_LIFETIME = "HUB011", "a {kind} has no lifetime parameters",
        "leave the lifetime out: `{trait}`",
        "What crosses the wire is owned by the end that receives it. There is nothing to borrow from.";
    TRAIT_WHERE = "HUB012", "a {kind} has no where clause",
        "leave it out: `{trait}`; put bounds on the implementation, `impl .. for Chat<D> where D: Database`",
        "The contract says what is sent, not what an implementation needs. Bounds belong to the `impl`.";
    SUPERTRAIT = "HUB013", "a {kind} has no supertraits besides `Send`, `Sync` and `'static`, which it has anyway",
        "leave it out: `{trait}`; put bounds on the implementation",
        "Methods of a supertrait would look as if they could be called from the wire, and could not. Write all methods in one trait, or map two hubs.";
    TRAIT_MODIFIER = "HUB014", "a {kind} is a plain trait",
        "leave the modifier out: `{trait}`",
        "`unsafe` and `auto` traits make promises that a contract between two programs cannot make.";
    ASSOCIATED_TYPE = "HUB015", "a {kind} has no associated types",
        "name the type in the methods that use it: `{method}`",
        "An associated type would be another one for each implementation, but the contract is made from the trait alone.";
    ASSOCIATED_CONST = "HUB016", "a {kind} has no associated constants",
        "put the constant beside the trait; the trait has methods only: `{method}`",
        "Constants do not cross the wire.";
    TRAIT_MACRO = "HUB017", "a {kind} cannot be written by a macro call inside of it",
        "write the methods out: `{method}`",
        "An attribute macro sees the call and not what it will expand to, so these methods would be missing from the contract.";

    NOT_ASYNC = "HUB020", "a method of a {kind} is async",
        "`{method}`",
        "A call goes over a network or through user code that may wait. `async fn` is turned into a function that returns a `Send` future; the implementation writes `async fn` too.";
    GENERIC_METHOD = "HUB021", "a method of a {kind} has no type or const parameters",
        "take the type that is sent: `{method}`",
        "The peer sends bytes, and the decoder must know one type to read them into. For several shapes, take an enum with `#[hub_type]`.";
    METHOD_LIFETIME = "HUB022", "a method of a {kind} has no lifetime parameters",
        "take owned values: `{method}`",
        "Arguments are decoded into values that the method owns.";
    METHOD_WHERE = "HUB023", "a method of a {kind} has no where clause",
        "leave it out: `{method}`",
        "There is nothing to bound, since a method has no type parameters. What the implementation needs goes on the `impl`.";
    NO_RECEIVER = "HUB024", "a method of a {kind} takes `&self`",
        "`{method}`",
        "Calls are made on one value, which is shared by all connections.";
    WRONG_RECEIVER = "HUB025", "a method of a {kind} takes `&self` and nothing else in its place",
        "`{method}`; keep state behind a lock",
        "One value serves many calls at the same time, so no call may have it for itself.";
    QUALIFIER = "HUB026", "a method of a {kind} is a plain `async fn`",
        "leave the qualifier out: `{method}`",
        "`const`, `unsafe` and `extern` have no meaning for a call that comes over the wire.";
    VARIADIC = "HUB027", "a method of a {kind} has a fixed number of parameters",
        "take a `Vec`: `async fn {name}({args}texts: Vec<String>) -> HubResult<()>;`",
        "Every argument has a type, which is part of the contract.";
    METHOD_VISIBILITY = "HUB028", "a method of a trait is as visible as the trait",
        "leave `pub` out: `{method}`",
        "This is Rust's own rule, said earlier.";
    RESERVED_NAME = "HUB029", "`#[hub]` adds this method itself",
        "leave it out of the trait, and override it in `impl {interface} for Chat { async fn {name}(&self, cx: &Cx, ..) { .. } }`",
        "`on_connected` and `on_disconnected` are provided methods of every hub. They run when a connection opens and when it is gone, and can never be called from the wire.";
    DUPLICATE_NAME = "HUB030", "two methods have the same name on the wire",
        "rename one, or give it another name on the wire: `#[method(name = \"..\")]`",
        "Peers find methods without regard to the case of ASCII letters, as SignalR does. So `SendMessage` and `sendmessage` are the same method.";
    NO_OUTPUT = "HUB031", "a method of a {kind} returns `HubResult<..>`",
        "`{method}`",
        "Any call can fail: the peer may be gone, or the method may refuse. `HubResult<()>` is for methods that return nothing.";
    OPAQUE_OUTPUT = "HUB032", "a method of a {kind} returns a type that has a name",
        "`{method}`",
        "`impl Trait` is another type for each implementation, but the contract is made from the trait alone.";
    BORROWED_OUTPUT = "HUB033", "a method of a {kind} returns an owned value",
        "return `String` for `&str`, `Vec<T>` for `&[T]`: `{method}`",
        "The value is written to the wire after the method has ended, and read into a value of its own on the other side.";
    CANCELLABLE_IN_CLIENT = "HUB034", "a client method cannot be cancelled, resumed or called again",
        "leave `cancellable`, `resumable` and `idempotent` out; they go on methods of a hub",
        "A client has no streams of results. A client cancels a call with a CancelInvocation message. The protocol has no such message in the other direction: a server that stops waiting for a client's result drops the result when it arrives.";
    POLICY_IN_HUB = "HUB035", "only calls to clients have a policy of delivery",
        "put it on a method of the client interface: `#[client_interface] pub trait ChatClient { #[method(latest)] async fn price(&self, value: f64) -> HubResult<()>; }`",
        "The policy says what becomes of a message that waits for a client. Calls of a hub are answered, and a client that sends too many waits.";
    TWO_POLICIES = "HUB036", "a method has one policy of delivery",
        "one of `must` (the default), `latest`, `coalesce = \"symbol\"`, `drop_oldest`, `every = \"100ms\"` and `durable`",
        "Each of them says which message may be lost, or that none may, and two would contradict each other. A method's own policy takes the place of its interface's.";
    BAD_KEY = "HUB037", "`coalesce` names no parameter",
        "name a parameter, or a field of one: `#[method(coalesce = \"symbol\")] async fn {name}(&self, symbol: String, price: f64) -> HubResult<()>;`, or `coalesce = \"price.symbol\"`",
        "Calls with the same value of the key replace each other while they wait for a client. The key's type implements `Hash`.";
    BAD_TIME = "HUB038", "this is no time",
        "a whole number with its unit, from 1 ms to an hour: `every = \"100ms\"`, `every = \"2s\"`",
        "At most one call in this time is sent to each client, the newest.";

    BAD_RATE = "HUB039", "this is no rate",
        "a whole number of calls, and the time in which they may be made: `rate = \"10/s\"`, `rate = \"90/min\"`, `rate = \"1000/h\"`",
        "More calls of one connection are refused with an error that its client reads.";

    NO_CONTEXT = "HUB040", "`{name}` does not take the context of its caller",
        "the context comes first, by reference: `{method}` with `type Cx = hubs::HubCallerContext<ChatClientContract>;`",
        "The context says who calls and reaches the other clients. Every hub method takes it, also one that does not need it yet, so that needing it later changes nothing but the method.";
    CONTEXT_BY_VALUE = "HUB041", "the context is taken by reference",
        "`{method}`",
        "One context is made for each call, and the method borrows it. It is cheap to clone where it must outlive the call.";
    CONTEXT_MUTABLE = "HUB042", "the context is taken by shared reference",
        "`{method}`",
        "What a method may change through the context, it may change through `&`: `cx.items().insert(..)`.";
    CONTEXT_NOT_FIRST = "HUB043", "the context comes first",
        "`{method}`",
        "It is no argument from the wire, and stands apart from them.";
    CONTEXT_IN_CLIENT = "HUB044", "a client method takes no context",
        "`{method}`",
        "A client has one server. What it must know about a call goes into the arguments.";
    PATTERN = "HUB045", "a parameter is a plain name",
        "`{method}`; take the value apart in the implementation",
        "The name of a parameter is part of the contract: it is what the generated TypeScript calls it. A pattern has no name.";
    REFERENCE = "HUB046", "a parameter is an owned value",
        "take `String` for `&str`, `Vec<T>` for `&[T]`, `T` for `&T`: `{method}`",
        "Arguments are decoded from the wire into values, and handed to the method. There is nothing that they could borrow from.";
    IMPL_PARAM = "HUB047", "a parameter has a type with a name",
        "take the type that is sent: `{method}`",
        "`impl Trait` is a type parameter in disguise. The decoder must know one type to read.";
    SELF_TYPE = "HUB048", "`Self` cannot cross the wire",
        "name the type that is sent: `{method}`",
        "`Self` is the implementation, which is another type for each. The contract is made from the trait alone.";
    PARAM_ATTRIBUTE = "HUB049", "a parameter has no attributes",
        "`{method}`; put serde attributes on the fields of a type with `#[hub_type]`",
        "Attributes here would have to change both ends of the wire, and do not.";

    AUTHORIZE_IN_CLIENT = "HUB050", "users call the methods of a hub, not those of a client interface",
        "put it on the hub or on one of its methods: `#[authorize(role = \"admin\")] async fn {name}(&self, cx: &Cx, text: String) -> HubResult<()>;`",
        "The server decides whom it calls; what must be checked is who calls the server.";
    BAD_ROLE = "HUB051", "this says not who may call",
        "`#[authorize]` for any user, `#[authorize(role = \"admin\")]`, `#[authorize(roles = [\"admin\", \"moderator\"])]` for one of them, `#[authorize(policy = \"owner\")]`",
        "Roles and policies are compared letter by letter, so a name is not empty and has no spaces around it. Several attributes on one item must all hold.";
    ANONYMOUS_AND_AUTHORIZED = "HUB052", "a method is open to everyone or it is not",
        "keep one of `#[allow_anonymous]` and `#[authorize]`",
        "`#[allow_anonymous]` exempts a method from what its hub requires. A method of its own requirement is not exempt.";
    NOTHING_TO_EXEMPT = "HUB053", "`#[allow_anonymous]` does nothing here: the hub requires nothing",
        "leave it out, or put `#[authorize]` on the trait, below `#[hub]`",
        "A method without `#[authorize]`, of a hub without it, can be called by everyone.";
    ANONYMOUS_HUB = "HUB054", "`#[allow_anonymous]` goes on a method",
        "leave it out: a hub without `#[authorize]` is open to everyone",
        "It exempts single methods from what the hub requires.";

    NOT_A_TYPE = "HUB060", "`#[hub_type]` goes on a struct or an enum",
        "`#[hub_type] pub struct ChatMessage { pub text: String }`",
        "It derives how values of the type are written, read and described. Other items have no values; a type alias needs no attribute, because the macros look through aliases.";
    UNION = "HUB061", "a union cannot cross the wire",
        "use an enum: `#[hub_type] pub enum Shape { Circle { radius: f64 }, Point }`",
        "A union does not record which of its fields is the live one.";
    TYPE_LIFETIME = "HUB062", "a type that crosses the wire borrows nothing",
        "own the data: `#[hub_type] pub struct ChatMessage { pub text: String }`",
        "Values are decoded from bytes that are gone when your method runs.";
    BORROWED_FIELD = "HUB063", "a field of a type that crosses the wire owns its value",
        "take `String` for `&str`, `Vec<T>` for `&[T]`: `#[hub_type] pub struct ChatMessage { pub text: String }`",
        "Values are decoded from bytes that are gone when your method runs.";
    TWO_NAMES = "HUB064", "this type has one name in JSON Schema and another in TypeScript",
        "give one name, for all: `#[serde(rename = \"Message\")]`",
        "The contract joins the two descriptions of a type by its name.";
    STRUCT_TAG = "HUB065", "a struct has no tag",
        "an enum with one variant: `#[hub_type] #[serde(tag = \"type\")] pub enum Shape { Circle { radius: f64 } }`",
        "serde writes the tag and does not read it, and JSON Schema does not know of it: the contract would not say what is sent.";
    UNDESCRIBED = "HUB066", "the contract does not say what your own functions write here",
        "say as which type: `#[serde(with = \"as_seconds\")] #[schemars(with = \"f64\")] pub length: Duration`",
        "serde calls the functions, and the contract is made without running them. `#[schemars(with = \"..\")]` names a type whose values look the same on the wire; TypeScript follows it.";
    WRONG_ORDER = "HUB067", "an attribute that changes fields goes above `#[hub_type]`",
        "`#[serde_with::serde_as] #[hub_type] pub struct Count { #[serde_as(as = \"DisplayFromStr\")] #[schemars(with = \"String\")] pub total: u64 }`",
        "Attributes are expanded from the top. `#[hub_type]` would describe the fields as they were written, and serde would write what the attribute below makes of them.";
    HALF_NUMERIC = "HUB068", "an enum is a number both when it is written and when it is read",
        "`#[hub_type] #[derive(Serialize_repr, Deserialize_repr)] #[repr(u8)] pub enum Level { Low = 1, High = 2 }`",
        "With one of the two derives of serde_repr, the server would write numbers and read names, or the other way round.";
}
