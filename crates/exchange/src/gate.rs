//! Who waits for a transaction may go away; what it is ordered by must not go with them.

use passerelle_store::Tx;

/// The same transaction, which keeps `gate` until it is answered. A call whose caller went away is
/// dropped while its transaction waits in the queue and becomes durable later: a gate that were
/// dropped with the call would let a disclosure read the standing in between (I3).
pub(crate) fn under_gate<G, R>(
    gate: G,
    mut transaction: impl FnMut(&mut Tx<'_>) -> R,
) -> impl FnMut(&mut Tx<'_>) -> R {
    move |tx| {
        let _held = &gate;
        transaction(tx)
    }
}
