//! What waits in memory is bounded.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::watched::{Call, watched};
use super::*;

#[tokio::test]
async fn what_waits_for_the_engine_is_bounded_however_much_is_written_in_one_turn() {
    let node = node();
    let (seen, most) = (
        Arc::new(Mutex::new(None::<Store>)),
        Arc::new(AtomicUsize::new(0)),
    );
    let (store_of, most_of) = (seen.clone(), most.clone());
    let note = move |call| {
        if call == Call::Apply
            && let Some(store) = &*store_of.lock().unwrap()
        {
            most_of.fetch_max(store.inner.core.overlay.bytes(), Ordering::SeqCst);
        }
        Ok(())
    };
    let config = StoreConfig {
        drive: Drive::Threads,
        unapplied_bytes: 64 << 10,
        apply_interval_ms: 1,
        ..StoreConfig::small("node")
    };
    let bound = config.unapplied_bytes + config.largest_batch_bytes() as usize;
    let (store, _) = Store::open(config, watched(&node, note)).unwrap();
    *seen.lock().unwrap() = Some(store.clone());

    // The writer is held until all that follow wait for it.
    let (go, gone) = mpsc::channel();
    let hold = move |_: &mut Tx<'_>| {
        let _: () = gone.recv().unwrap();
        Ok::<_, Infallible>(())
    };
    let mut held = Box::pin(store.transact("hold", hold));
    let mut context = Context::from_waker(Waker::noop());
    assert!(held.as_mut().poll(&mut context).is_pending());
    let mut calls = Vec::new();
    for number in 0..200u8 {
        let put = move |tx: &mut Tx<'_>| {
            tx.put(PEOPLE, &[number], vec![number; 8000]);
            Ok::<_, Infallible>(())
        };
        let mut call = Box::pin(store.transact("put", put));
        assert!(call.as_mut().poll(&mut context).is_pending());
        calls.push(call);
    }
    go.send(()).unwrap();
    for call in calls {
        call.await.unwrap();
    }
    store.close().await.unwrap();
    seen.lock().unwrap().take();
    let most = most.load(Ordering::SeqCst);
    assert!(most > 8000 && most <= bound, "{most} of {bound}");
}
