//! The prices: what they are, and how they move by chance. In memory, behind one lock that is never held over an await.
//!
//! Must not know about pages, orders or the database.

use std::collections::HashMap;

use hubs::{HubError, HubResult};
use parking_lot::Mutex;
use ticker_contract::{Market as Summary, Quote, Tick};

use crate::{clock, companies};

/// Decides the prices of the morning: the same each time the server starts.
const MORNING: u64 = 200;
/// How far a price moves at once: one part in 2500 is common.
const STEP: f64 = 0.0004;
/// How strongly it is drawn back to where the day began, so that no price runs away.
const PULL: f64 = 0.0004;

/// All prices.
#[derive(Debug)]
pub(crate) struct Market {
    state: Mutex<State>,
    /// Where each symbol is in the list.
    places: HashMap<String, usize>,
    rate: u32,
}

#[derive(Debug)]
struct State {
    quotes: Vec<Quote>,
    chance: fastrand::Rng,
    /// Whose price moves next.
    next: usize,
}

impl Market {
    /// The market in the morning. `rate` prices change in a second; `seed` decides how they move.
    pub(crate) fn new(rate: u32, seed: u64) -> Self {
        let mut morning = fastrand::Rng::with_seed(MORNING);
        let open = companies::all().into_iter().map(|company| {
            let open = morning.u32(800..60_000);
            let companies::Company { symbol, name, sector } = company;
            Quote { symbol, name, sector: sector.to_owned(), open, price: open }
        });
        let quotes: Vec<Quote> = open.collect();
        let places = quotes.iter().enumerate().map(|(place, quote)| (quote.symbol.clone(), place)).collect();
        let chance = fastrand::Rng::with_seed(seed);
        Self { state: Mutex::new(State { quotes, chance, next: 0 }), places, rate }
    }

    /// How many prices change in a second.
    pub(crate) fn rate(&self) -> u32 {
        self.rate
    }

    /// Sets prices; symbols that are not there any more are left out.
    pub(crate) fn set(&self, prices: &[Tick]) {
        let mut state = self.state.lock();
        for Tick { symbol, price, .. } in prices {
            if let Some(place) = self.places.get(symbol) {
                state.quotes[*place].price = *price;
            }
        }
    }

    pub(crate) fn quotes(&self) -> Vec<Quote> {
        self.state.lock().quotes.clone()
    }

    /// All prices now.
    pub(crate) fn prices(&self) -> Vec<Tick> {
        let at = clock::now();
        self.state.lock().quotes.iter().map(|quote| tick(quote, at)).collect()
    }

    /// The price of one symbol now.
    ///
    /// # Errors
    /// There is no such symbol.
    pub(crate) fn price(&self, symbol: &str) -> HubResult<Tick> {
        let unknown = || HubError::client(format!("There is no symbol {symbol:?}."));
        let place = *self.places.get(symbol).ok_or_else(unknown)?;
        Ok(tick(&self.state.lock().quotes[place], clock::now()))
    }

    /// Moves the next `count` prices, each at most once, and returns them.
    pub(crate) fn step(&self, count: usize) -> Vec<Tick> {
        let at = clock::now();
        let mut state = self.state.lock();
        let State { quotes, chance, next } = &mut *state;
        let count = count.min(quotes.len());
        let mut moved = Vec::with_capacity(count);
        for _ in 0..count {
            let quote = &mut quotes[*next];
            quote.price = moved_by_chance(quote, chance);
            moved.push(tick(quote, at));
            *next = (*next + 1) % quotes.len();
        }
        moved
    }

    /// The market as a whole.
    pub(crate) fn summary(&self) -> Summary {
        let state = self.state.lock();
        let quotes = &state.quotes;
        let sum: f64 = quotes.iter().map(|quote| f64::from(quote.price) / f64::from(quote.open)).sum();
        let count = |fits: fn(&Quote) -> bool| quotes.iter().filter(|quote| fits(quote)).count() as u32;
        Summary {
            index: (sum / quotes.len() as f64 * 10_000.0).round() as u32,
            up: count(|quote| quote.price > quote.open),
            down: count(|quote| quote.price < quote.open),
            rate: self.rate,
        }
    }
}

/// Another price, near the old one: at least a cent away, so that it is news, and never below a cent.
fn moved_by_chance(quote: &Quote, chance: &mut fastrand::Rng) -> u32 {
    let (open, price) = (f64::from(quote.open), f64::from(quote.price));
    // The sum of three even chances lies near the middle, as most moves of a price do.
    let luck = chance.f64() + chance.f64() + chance.f64() - 1.5;
    let by = price * STEP * 2.0 * luck + (open - price) * PULL;
    let by = if by.abs() < 1.0 { by.signum() } else { by.round() };
    (price + by).max(1.0) as u32
}

fn tick(quote: &Quote, at: u32) -> Tick {
    Tick { symbol: quote.symbol.clone(), price: quote.price, at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_moves_the_next_prices_once() {
        let market = Market::new(2000, 7);
        let before = market.quotes();
        let moved = market.step(150);
        assert_eq!(moved.len(), 150);
        for (tick, quote) in moved.iter().zip(&before) {
            assert_eq!(tick.symbol, quote.symbol);
            assert_ne!(tick.price, quote.price);
        }
        let rest: Vec<_> = market.step(60).into_iter().map(|tick| tick.symbol).collect();
        assert_eq!((rest[0].as_str(), rest[50].as_str()), (before[150].symbol.as_str(), "ALDE"));
        assert_eq!(market.price("ALDE").unwrap().price, market.quotes()[0].price);
    }

    #[test]
    fn prices_stay_near_where_the_day_began() {
        let market = Market::new(2000, 7);
        for _ in 0..5_000 {
            market.step(200);
        }
        let Summary { index, up, down, .. } = market.summary();
        assert!((9_500..10_500).contains(&index) && up > 20 && down > 20, "{index} {up} {down}");
        for Quote { symbol, open, price, .. } in market.quotes() {
            assert!(price > open / 2 && price < open * 2, "{symbol}: {open} became {price}");
        }
    }

    #[test]
    fn an_unknown_symbol_is_refused_in_words() {
        let error = Market::new(1, 7).price("NONE").unwrap_err();
        assert_eq!(error.client_text(), Some("There is no symbol \"NONE\"."));
    }
}
