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
for (const [name, options] of Object.entries(VIEWS)) {
  const ada = await Visitor.open(browser, server.url, options);
  await ada.is("connected");
  await ada.at("sign-in").click();
  await ada.at("name").fill("Ada");
  await ada.at("enter").click();
  await ada.sees("me", "Ada");
  await ada.is("connected");
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
  await ada.at("row-ALDS").click();
  // Until the page has counted the prices of a whole second.
  await ada.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 3_000)));
  await ada.page.screenshot({ path: join(ROOT, "docs/images", `ticker-${name}.png`), animations: "disabled", caret: "hide" });
  await ada.close();
}
await browser.close();
await server.stop();
