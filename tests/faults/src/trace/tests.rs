use super::Trace;

const ASKED: &str =
    r#"11 recvfrom(9<TCP:[127.0.0.1:2->127.0.0.1:3]>, ""..., 4096, 0, NULL, NULL) = 712"#;
const SYNCED: &str = "12 fdatasync(7</data/wal/00000000000000000000.wal>) = 0";
const ANSWERED: &str =
    r#"11 writev(9<TCP:[127.0.0.1:2->127.0.0.1:3]>, [{iov_base=""..., iov_len=3000}], 1) = 3000"#;

fn read(lines: &[&str]) -> (usize, usize) {
    let Trace { covered, early } = Trace::read(&lines.join("\n"));
    (covered, early)
}

#[test]
fn an_answer_after_its_sync_is_covered() {
    let once = [ASKED, SYNCED, ANSWERED];
    assert_eq!(read(&once), (1, 0));
    assert_eq!(read(&[once, once].concat()), (2, 0));
}

#[test]
fn a_node_that_answers_first_and_syncs_afterwards_is_found_out_at_every_answer() {
    let once = [ASKED, ANSWERED, SYNCED];
    assert_eq!(read(&[&[SYNCED][..], &once, &once, &once].concat()), (0, 3));
}

#[test]
fn a_sync_of_anything_but_a_segment_covers_nothing() {
    for other in [
        "12 fdatasync(7</data/wal/next.spare>) = 0",
        "12 fdatasync(7</data/log/checkpoint.part>) = 0",
        "12 fsync(7</data/wal/00000000000000000000.wal>) = 0",
        "12 fdatasync(7</data/wal/00000000000000000000.wal>) = -1 EIO (Input/output error)",
    ] {
        assert_eq!(read(&[ASKED, other, ANSWERED]), (0, 1), "{other}");
    }
}

#[test]
fn a_sync_counts_when_it_returned_and_an_answer_when_it_began() {
    let sync = "12 fdatasync(7</data/wal/00000000000000000000.wal> <unfinished ...>";
    let returned = "12 <... fdatasync resumed>)     = 0";
    let answer =
        r#"11 sendto(9<TCP:[127.0.0.1:2->127.0.0.1:3]>, ""..., 3000, 0, NULL, 0 <unfinished ...>"#;
    let sent = "11 <... sendto resumed>) = 3000";
    assert_eq!(read(&[ASKED, sync, returned, answer, sent]), (1, 0));
    assert_eq!(read(&[ASKED, sync, answer, returned, sent]), (0, 1));
    assert_eq!(read(&[ASKED, answer, sync, returned, sent]), (0, 1));
}

#[test]
fn short_reads_and_writes_are_neither_questions_nor_answers() {
    let update = ASKED.replace("712", "40");
    let settings = ANSWERED.replace("3000", "90");
    assert_eq!(read(&[&update, SYNCED, &settings]), (0, 0));
    assert_eq!(read(&[ASKED, &settings, SYNCED, ANSWERED]), (1, 0));
}
