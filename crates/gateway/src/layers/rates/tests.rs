use std::time::Duration;

use tokio::time::advance;

use super::{MOST, Rate, Rates};

const RATE: Rate = Rate {
    per_second: 2,
    at_once: 4,
};

#[tokio::test(start_paused = true)]
async fn i8_a_party_beyond_its_rate_is_told_when_to_come_back_and_others_are_not_concerned() {
    let rates = Rates::new(RATE);
    for _ in 0..RATE.at_once {
        rates.take("loud").unwrap();
    }
    assert_eq!(rates.take("loud"), Err(Duration::from_millis(500)));
    assert_eq!(rates.take("quiet"), Ok(()));
    advance(Duration::from_millis(500)).await;
    assert_eq!(rates.take("loud"), Ok(()));
    assert!(rates.take("loud").is_err());
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_costs_no_token() {
    let rates = Rates::new(RATE);
    for _ in 0..100 {
        let _ = rates.take("loud");
    }
    advance(Duration::from_secs(1)).await;
    assert_eq!((rates.take("loud"), rates.take("loud")), (Ok(()), Ok(())));
    assert!(rates.take("loud").is_err());
}

#[tokio::test(start_paused = true)]
async fn rest_gives_no_more_than_all_tokens() {
    let rates = Rates::new(RATE);
    rates.take("calm").unwrap();
    advance(Duration::from_secs(3600)).await;
    let taken = (0..10).filter(|_| rates.take("calm").is_ok()).count();
    assert_eq!(taken, 4);
}

#[tokio::test(start_paused = true)]
async fn i8_the_number_of_parties_is_bounded() {
    let rates = Rates::new(RATE);
    for party in 0..MOST {
        rates.take(&party.to_string()).unwrap();
    }
    assert_eq!(rates.take("one more"), Err(Duration::from_secs(1)));
    assert_eq!(rates.take("7"), Ok(()), "who is known already is served");
    // By now all have rested.
    advance(Duration::from_secs(2)).await;
    assert_eq!(rates.take("one more"), Ok(()));
    assert!(rates.buckets.lock().unwrap().by_party.len() < MOST);
}
