import {
  DefaultHttpClient,
  HttpClient,
  HttpError,
  NullLogger,
} from "@microsoft/signalr";
import type {
  HttpRequest,
  HttpResponse,
  IHttpConnectionOptions,
} from "@microsoft/signalr";

/** The longest time that a timer takes, in milliseconds. */
const LONGEST = 2_147_483_000;

/** What the server says of a connection that it has made, or whose token was renewed. */
interface Lifetime {
  readonly connectionId?: string;
  readonly connectionToken?: string;
  /** Only where the server renews tokens. */
  readonly tokenLifetimeSeconds?: number;
}

/** Shows each answer, and is otherwise the client that it is made of. */
class Watched extends HttpClient {
  readonly #inner: HttpClient;
  readonly #seen: (request: HttpRequest, response: HttpResponse) => void;

  constructor(
    inner: HttpClient,
    seen: (request: HttpRequest, response: HttpResponse) => void,
  ) {
    super();
    this.#inner = inner;
    this.#seen = seen;
  }

  override async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.#inner.send(request);
    this.#seen(request, response);
    return response;
  }

  override getCookieString(url: string): string {
    return this.#inner.getCookieString(url);
  }
}

/**
 * Gives the server a new token of the same connection before the old one ends, where the server says
 * until when it is good. A connection that is not renewed ends with its token, and is made again.
 */
export class Renewal {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Changes with each connection, so that an older one's answer can be told from the current one's. */
  #round = 0;

  /** The same options; what is negotiated with them is renewed. */
  watch(options: IHttpConnectionOptions): IHttpConnectionOptions {
    const { accessTokenFactory } = options;
    if (accessTokenFactory === undefined) {
      return options;
    }
    const client =
      options.httpClient ?? new DefaultHttpClient(NullLogger.instance);
    const renew = async (url: string): Promise<HttpResponse> => {
      const token = await accessTokenFactory();
      return client.post(url, {
        content: "",
        headers: {
          "X-Requested-With": "XMLHttpRequest",
          ...options.headers,
          Authorization: `Bearer ${token}`,
        },
        timeout: options.timeout ?? 100_000,
        withCredentials: options.withCredentials ?? true,
      });
    };
    const httpClient = new Watched(client, (request, response) => {
      const url = refreshUrl(request, response);
      if (url !== undefined) {
        this.stop();
        this.#schedule(lifetime(response), () => renew(url), this.#round);
      }
    });
    return { ...options, httpClient };
  }

  /** Renews nothing any more, until another connection is negotiated. */
  stop(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
  }

  #schedule(
    seconds: number | undefined,
    renew: () => Promise<HttpResponse>,
    round: number,
  ): void {
    if (seconds === undefined || round !== this.#round) {
      return;
    }
    const ends = Date.now() + seconds * 1_000;
    const wait = seconds * 1_000 - Math.min(60_000, seconds * 250);
    const run = async (): Promise<void> => {
      try {
        const response = await renew();
        this.#schedule(lifetime(response), renew, round);
      } catch (error) {
        // What the server refuses once it refuses again. Otherwise there is still time.
        const left = (ends - Date.now()) / 1_000;
        if (!isRefused(error) && left > 1) {
          this.#schedule(left, renew, round);
        }
      }
    };
    this.#timer = setTimeout(
      () => void run(),
      Math.min(LONGEST, Math.max(1_000, wait)),
    );
    // In Node it must not keep the program from ending.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}

/** Where the connection is renewed that was negotiated here; `undefined` for any other request. */
function refreshUrl(
  request: HttpRequest,
  response: HttpResponse,
): string | undefined {
  const [path = "", query] = (request.url ?? "").split("?");
  const { connectionToken, connectionId } = parsed(response);
  const id = connectionToken ?? connectionId;
  if (!path.endsWith("/negotiate") || id === undefined) {
    return undefined;
  }
  const parameters = new URLSearchParams(query);
  parameters.delete("negotiateVersion");
  parameters.delete("useStatefulReconnect");
  parameters.set("id", id);
  return `${path.slice(0, -"negotiate".length)}refresh?${parameters}`;
}

function lifetime(response: HttpResponse): number | undefined {
  return parsed(response).tokenLifetimeSeconds;
}

function parsed({ content }: HttpResponse): Lifetime {
  try {
    return typeof content === "string" ? (JSON.parse(content) as Lifetime) : {};
  } catch {
    return {};
  }
}

function isRefused(error: unknown): boolean {
  return (
    error instanceof HttpError &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}
