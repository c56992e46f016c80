use super::*;

fn at(field: &str, date: u64, now: Timestamp) -> Result<(), TokenError> {
    let members = Members::new();
    let mut payload = receipt();
    payload[field] = json!(date);
    let token = token_of::<Receipt>(&payload, &members.requester);
    verify::<Receipt>(&token, &node(HOLDER), &members.keys, now).map(drop)
}

#[test]
fn a_token_ends_at_the_very_second_it_says() {
    let exp = NOW.as_secs() + 100;
    let last = Timestamp::from_millis(exp * 1000 - 1);
    assert_eq!(at("exp", exp, last), Ok(()));
    assert_eq!(
        at("exp", exp, Timestamp::from_secs(exp)),
        Err(TokenError::Expired)
    );
}

#[test]
fn a_clock_may_be_sixty_seconds_ahead_of_ours_and_no_more() {
    let lead = NOW.plus(MINUTE).as_secs();
    assert_eq!(at("iat", lead, NOW), Ok(()));
    assert_eq!(at("nbf", lead, NOW), Ok(()));
    assert_eq!(at("iat", lead + 1, NOW), Err(TokenError::IssuedInTheFuture));
    assert_eq!(at("nbf", lead + 1, NOW), Err(TokenError::NotYetValid));
}

#[test]
fn i3_what_ends_something_counts_however_far_ahead_its_clock_is() {
    let members = Members::new();
    let payload = json!({
        "iss": REQUESTER, "aud": HOLDER, "sub": LINK, "iat": NOW.as_secs() + 3600, "jti": TOKEN,
    });
    let token = token_of::<passerelle_domain::claim::PurgeOrder>(&payload, &members.requester);
    let outcome =
        verify::<passerelle_domain::claim::PurgeOrder>(&token, &node(HOLDER), &members.keys, NOW);
    assert!(outcome.is_ok());
}

#[test]
fn a_token_without_an_end_has_none() {
    let members = Members::new();
    let payload = json!({
        "iss": REQUESTER, "aud": HOLDER, "sub": LINK, "iat": NOW.as_secs(), "jti": TOKEN,
    });
    let token = token_of::<passerelle_domain::claim::PurgeOrder>(&payload, &members.requester);
    let year = 365 * 24 * 60 * MINUTE;
    let outcome = verify::<passerelle_domain::claim::PurgeOrder>(
        &token,
        &node(HOLDER),
        &members.keys,
        NOW.plus(year),
    );
    assert!(outcome.is_ok());
}

#[test]
fn the_wall_clock_is_never_asked() {
    // 1970: whatever the time is where this runs, it is not this.
    let members = Members::new();
    let mut payload = receipt();
    for (field, date) in [("iat", 10), ("nbf", 10), ("exp", 1000)] {
        payload[field] = json!(date);
    }
    let token = token_of::<Receipt>(&payload, &members.requester);
    let then = Timestamp::from_secs(500);
    assert!(verify::<Receipt>(&token, &node(HOLDER), &members.keys, then).is_ok());
}
