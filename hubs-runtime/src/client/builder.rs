//! What is said about a connection before it is made.

use std::{error::Error, io, sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION},
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    ConnectError, Destination, HubClient, HubConnection, LogEvent, RetryPolicy,
    address::HubAddress,
    connector::Connector,
    core::{Core, Plan, Reconnected},
    dial::Network,
    handlers::{Handlers, TypedHandlers},
    http::Http,
    logs::{ClientLogs, OnLogEvent},
    named::NamedHandlers,
    presence::{self, GroupPresence, OnPresence},
    proxy::Proxies,
    session::Speech,
    token::TokenProvider,
};
use crate::{
    call::{Dispatch, HubInterface},
    contract::HubType,
    ids::TransferFormat,
    protocol::JsonHubProtocol,
    transport::TransportKind,
};

/// A connection that is about to be made. [`HubConnection::builder`] makes one; its defaults are those of the official
/// clients, and it is made again when it is lost.
///
/// ```no_run
/// use hubs::{HubCallerContext, HubResult, client::HubConnection, client_interface, hub};
///
/// #[client_interface]
/// trait ChatClient {
///     async fn receive(&self, user: String, text: String) -> HubResult<()>;
/// }
///
/// #[hub(client = ChatClient)]
/// trait ChatHub {
///     async fn say(&self, cx: &HubCallerContext<ChatClientContract>, text: String) -> HubResult<()>;
/// }
///
/// struct Screen;
///
/// impl ChatClient for Screen {
///     async fn receive(&self, user: String, text: String) -> HubResult<()> {
///         println!("{user}: {text}");
///         Ok(())
///     }
/// }
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let chat = HubConnection::builder("https://example.com/chat")
///     .access_token_provider(|| async { std::fs::read_to_string("/run/secrets/chat-token") })
///     .connect(ChatHubContract, Screen)
///     .await?;
/// chat.say("hello".to_owned()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "it connects with `connect` or `start`"]
pub struct HubConnectionBuilder {
    address: Result<HubAddress, ConnectError>,
    connector: Connector,
    headers: HeaderMap,
    http_timeout: Duration,
    token: Option<TokenProvider>,
    transports: Vec<TransportKind>,
    skip_negotiation: bool,
    stateful: bool,
    connect_timeout: Duration,
    speech: Speech,
    retry: RetryPolicy,
    retry_first: bool,
    reconnected: Hook<Reconnected>,
    on_log_event: Hook<OnLogEvent>,
    on_presence: Hook<OnPresence>,
    pub(super) named: NamedHandlers,
}

/// Shown without what it runs.
struct Hook<T>(Option<T>);

impl<T> std::fmt::Debug for Hook<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Some(..)" } else { "None" })
    }
}

impl HubConnectionBuilder {
    pub(super) fn new(url: &str) -> Self {
        let connect_timeout = Duration::from_secs(15);
        Self {
            address: HubAddress::parse(url),
            connector: Connector::tcp(connect_timeout),
            headers: HeaderMap::new(),
            http_timeout: Duration::from_secs(100),
            token: None,
            transports: vec![TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling],
            skip_negotiation: false,
            stateful: false,
            connect_timeout,
            speech: Speech::of(&JsonHubProtocol),
            retry: RetryPolicy::default(),
            retry_first: false,
            reconnected: Hook(None),
            on_log_event: Hook(None),
            on_presence: Hook(None),
            named: NamedHandlers::default(),
        }
    }

    /// Adds a header to every request. A value that may be shown in no log is marked with
    /// [`HeaderValue::set_sensitive`].
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        if [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(&name) {
            value.set_sensitive(true);
        }
        self.headers.append(name, value);
        self
    }

    /// Asks `provide` for an access token each time a connection is made, and sends it as `Authorization: Bearer`. An empty
    /// token is none.
    pub fn access_token_provider<F, R, E>(mut self, provide: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        self.token = Some(TokenProvider::new(provide));
        self
    }

    /// Uses these transports only. They are tried in the order in which the server offers them. By default all: WebSockets,
    /// Server-Sent Events, long polling.
    pub fn transports(mut self, transports: impl IntoIterator<Item = TransportKind>) -> Self {
        self.transports = transports.into_iter().collect();
        self
    }

    /// Opens a WebSocket at once, without asking the server what it offers. Saves a request, and works behind a balancer
    /// that sends each request to another server. The connection's id is not known then.
    pub fn skip_negotiation(mut self) -> Self {
        self.skip_negotiation = true;
        self
    }

    /// Speaks MessagePack in place of JSON, with the names that JSON has: the form of this crate's servers and of browsers.
    /// It needs WebSockets or long polling.
    #[cfg(feature = "messagepack")]
    pub fn messagepack(mut self) -> Self {
        self.speech.protocol = &const { crate::protocol::MessagePackHubProtocol::new() };
        self
    }

    /// Speaks MessagePack as .NET's servers and clients do by default: names in PascalCase, enums as text.
    #[cfg(feature = "messagepack")]
    pub fn messagepack_dotnet(mut self) -> Self {
        self.speech.protocol = &const { crate::protocol::MessagePackHubProtocol::dotnet() };
        self
    }

    /// How long opening a socket, and opening a transport, may take. 15 s by default.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        (self.connect_timeout, self.connector.limit) = (limit, limit);
        self
    }

    /// How long the answer to one request may take, a poll of long polling included. 100 s by default.
    pub fn http_timeout(mut self, limit: Duration) -> Self {
        self.http_timeout = limit;
        self
    }

    /// How long the server may take to answer the handshake. 15 s by default.
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.speech.handshake_timeout = limit;
        self
    }

    /// After how long without a message the server is gone. 30 s by default; at least twice the server's interval of pings.
    pub fn server_timeout(mut self, limit: Duration) -> Self {
        self.speech.server_timeout = limit;
        self
    }

    /// How often the server is pinged. 15 s by default; at most half of the server's time-out for clients.
    pub fn keep_alive_interval(mut self, interval: Duration) -> Self {
        self.speech.keep_alive = interval;
        self
    }

    /// Goes through the proxy at this URL (`http://host:port`, or `https`; a user and a password may stand before the host),
    /// whatever the environment says. The proxy has to allow `CONNECT` to the server's port.
    ///
    /// By default the environment decides: `HTTPS_PROXY` for `https` and `wss`, `HTTP_PROXY` for `http` and `ws`, `ALL_PROXY`
    /// for both, except for the hosts in `NO_PROXY` and this machine. The names may be in lower case.
    ///
    /// A URL that is none is the error of connecting.
    pub fn proxy(mut self, url: &str) -> Self {
        match Proxies::always(url) {
            Ok(proxies) => self.connector.proxies = proxies,
            Err(why) => self.address = Err(ConnectError::Address(format!("of the proxy: {why}"))),
        }
        self
    }

    /// Goes through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.connector.proxies = Proxies::Never;
        self
    }

    /// Opens sockets with `open` in place of TCP, and through no proxy: for service discovery, Unix sockets, tests. Of an
    /// `https` address TLS is spoken on what it opens.
    ///
    /// ```no_run
    /// # use hubs::client::HubConnection;
    /// let builder = HubConnection::builder("http://localhost/chat")
    ///     .connector(|_| tokio::net::UnixStream::connect("/run/chat.sock"));
    /// ```
    pub fn connector<F, R, S>(mut self, open: F) -> Self
    where
        F: Fn(Destination) -> R + Send + Sync + 'static,
        R: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.connector.open_with(open);
        self
    }

    /// Trusts this certificate, in DER, beside those of the system.
    #[cfg(feature = "client-tls")]
    pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.connector.tls.roots.push(der.into());
        self
    }

    /// Speaks TLS with this configuration: roots, client certificates, versions.
    #[cfg(feature = "client-tls")]
    pub fn tls_config(mut self, config: Arc<super::rustls::ClientConfig>) -> Self {
        self.connector.tls.configure(config);
        self
    }

    /// When a lost connection is made again: by default after 0, 2, 10 and 30 s. [`RetryPolicy::never`]: it is not.
    pub fn reconnect(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Asks the server for stateful reconnect: a connection whose socket is lost is taken up over another one, with its id,
    /// its groups and its calls, and no message is lost. It needs WebSockets and a server that allows it; with another the
    /// connection is as without. What cannot be taken up is made again as [`HubConnectionBuilder::reconnect`] says.
    pub fn stateful_reconnect(mut self) -> Self {
        self.stateful = true;
        self
    }

    /// Tries again when the first connection fails, too, after the delays of the policy. By default its error is returned at
    /// once.
    pub fn retry_first_connection(mut self) -> Self {
        self.retry_first = true;
        self
    }

    /// Runs `hook` each time a lost connection is there again: groups are entered again there, as the hub sees another
    /// connection. It is dropped if the connection is lost meanwhile.
    pub fn on_reconnected<F, R>(mut self, hook: F) -> Self
    where
        F: Fn(HubConnection) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.reconnected = Hook(Some(Arc::new(move |connection| Box::pin(hook(connection)))));
        self
    }

    /// Runs `hook` when a connection was made again and it is known what has become of the durable messages that were missed
    /// meanwhile: they have come, all of them and in order, or some are lost. Once for each group that the client is added to
    /// again, and for its user. It must be quick: the next message waits for it.
    ///
    /// A client of a contract with durable methods tells the server by itself how far it has read. One without a contract
    /// ([`HubConnectionBuilder::start`]) does so if it has this hook.
    pub fn on_log_event(mut self, hook: impl Fn(LogEvent) + Send + Sync + 'static) -> Self {
        self.on_log_event = Hook(Some(Arc::new(hook)));
        self
    }

    /// Runs `hook` each time that the server tells who is in a group: with all members when this client is tracked in it or
    /// watches it, and then with each change. `M` is what the contract's `presence` names. After a reconnect the method by
    /// which the client joins has to be called again, and all members come anew. It must be quick: the next message waits
    /// for it.
    ///
    /// ```no_run
    /// # use hubs::{client::{GroupPresence, HubConnection}, hub_type};
    /// # #[hub_type] #[derive(Clone)] struct Member { name: String }
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let connection = HubConnection::builder("http://localhost:5000/chat")
    ///     .on_presence(|room: GroupPresence<Member>| println!("{} are in {}", room.count, room.group))
    ///     .start()
    ///     .await?;
    /// connection.invoke::<()>("Join", ("lobby",)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_presence<M>(mut self, hook: impl Fn(GroupPresence<M>) + Send + Sync + 'static) -> Self
    where
        M: HubType + Clone,
    {
        self.on_presence = Hook(Some(presence::reader(hook)));
        self
    }

    /// Connects to the hub `C` and serves `client`, an implementation of the hub's client interface (`()` where it has
    /// none): the server's calls run its methods.
    ///
    /// # Errors
    /// If no connection comes about.
    pub async fn connect<C, H>(self, _contract: C, client: H) -> Result<HubClient<C>, ConnectError>
    where
        C: HubInterface,
        C::Client: Dispatch<H, Context = ()>,
        H: Send + Sync + 'static,
    {
        let handlers = Arc::new(TypedHandlers::<H, C::Client>::new(client));
        self.connect_with(handlers).await.map(HubClient::new)
    }

    /// Connects to a hub whose contract is not known: methods are called, and handlers set, by name.
    ///
    /// # Errors
    /// If no connection comes about.
    pub async fn start(mut self) -> Result<HubConnection, ConnectError> {
        let handlers = Arc::new(std::mem::take(&mut self.named));
        self.connect_with(handlers).await
    }

    async fn connect_with(self, handlers: Arc<dyn Handlers>) -> Result<HubConnection, ConnectError> {
        let format: TransferFormat = self.speech.protocol.transfer_format();
        let network = Network {
            address: self.address?,
            http: Http::new(self.connector, self.headers, self.http_timeout),
            token: self.token,
            transports: self.transports,
            skip_negotiation: self.skip_negotiation,
            stateful: self.stateful,
            format,
            limit: self.connect_timeout,
        };
        let on_event = self.on_log_event.0;
        let reads = handlers.are_durable() || on_event.is_some();
        let logs = reads.then(|| Arc::new(ClientLogs { on_event, ..ClientLogs::default() }));
        let plan = Plan {
            logs,
            on_presence: self.on_presence.0,
            dial: Arc::new(network),
            handlers,
            speech: self.speech,
            retry: self.retry,
            retry_first: self.retry_first,
            reconnected: self.reconnected.0,
        };
        Core::start(plan).await.map(HubConnection::of)
    }
}
