// Takes the pictures of the trading board in docs/images: after a while of trading, on a desktop and on a phone.
// `npm run pictures`, after a build.

import { join } from "node:path";

import { launch, TickerServer, Visitor } from "./support/chat.mjs";
import { ROOT } from "./support/server.mjs";

const VIEWS = {
  desktop: { size: { width: 1200, height: 750 } },
  "phone-dark": { size: { width: 390, height: 780 }, phone: true, dark: true },
};
const BASKET = "buy 10 ALDE\nsell 5 BIRS\nbuy 120 QUAN";
const NEWS = [
  { text: "Cedar Payments opens in twelve more countries", symbol: "CEDP" },
  { text: "Trading ends an hour later today" },
];

const browser = await launch();
const server = await TickerServer.start();
/** Signs in, and opens the chart of the pictures. */
async function enter(visitor, name) {
  await visitor.is("connected");
  await visitor.at("sign-in").click();
  await visitor.at("name").fill(name);
  await visitor.at("enter").click();
  await visitor.sees("me", name);
  await visitor.is("connected");
  await visitor.at("row-ALDS").click();
}

const others = [];
for (const name of ["Grace Hopper", "Linus"]) {
  const visitor = await Visitor.open(browser, server.url);
  await enter(visitor, name);
  others.push(visitor);
}
for (const [name, options] of Object.entries(VIEWS)) {
  const ada = await Visitor.open(browser, server.url, options);
  await enter(ada, "Ada");
  if (name === "desktop") {
    await ada.at("basket-toggle").click();
    await ada.at("basket").fill(BASKET);
    await ada.at("send").click();
    await ada.sees("trades", "QUAN");
    for (const news of NEWS) {
      const body = JSON.stringify(news);
      await fetch(`${server.url}/news`, { method: "POST", headers: { "content-type": "application/json" }, body });
    }
  }
  // The guest that she was is shown for 3 s more.
  await ada.sees("watchers", "You, Grace Hopper and Linus are watching");
  // Until the page has counted the prices of a whole second.
  await ada.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
  await ada.page.screenshot({ path: join(ROOT, "docs/images", `ticker-${name}.png`), animations: "disabled", caret: "hide" });
  await ada.close();
}
await Promise.all(others.map((visitor) => visitor.close()));
await browser.close();
await server.stop();
