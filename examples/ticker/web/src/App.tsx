// The page: prices on the left, the chart of one company and what one can do with it on the right. On a phone, tabs.
import { useState } from "react";
import { Activity } from "./components/Activity.js";
import { Chart } from "./components/Chart.js";
import { Header } from "./components/Header.js";
import { PriceList } from "./components/PriceList.js";
import { Ticket } from "./components/Ticket.js";
import { useBoard } from "./market/useBoard.js";

const TABS = ["Prices", "Trade", "Activity"] as const;

export function App() {
  const board = useBoard();
  const [tab, setTab] = useState<(typeof TABS)[number]>("Prices");
  return (
    <div className="page" data-tab={tab}>
      <Header board={board} />
      {board.state === "reconnecting" && (
        <p className="banner" role="status" data-testid="banner">
          Connection lost. The prices stand still until it is back.
        </p>
      )}
      <Chart board={board} />
      <PriceList board={board} />
      <Ticket board={board} />
      <Activity board={board} />
      <nav className="tabs" aria-label="Parts of the page">
        {TABS.map((name) => (
          <button key={name} aria-pressed={name === tab} onClick={() => setTab(name)} data-testid={`tab-${name}`}>
            {name}
          </button>
        ))}
      </nav>
    </div>
  );
}
