use proptest::prelude::*;

use super::*;

#[test]
fn a_path_is_spelled_as_c2sp_asks() {
    for (path, text) in [
        (TilePath::hashes(0, 0, 256), "tile/0/000"),
        (TilePath::hashes(0, 999, 1), "tile/0/999.p/1"),
        (TilePath::hashes(3, 1000, 255), "tile/3/x001/000.p/255"),
        (TilePath::hashes(0, 1_234_067, 256), "tile/0/x001/x234/067"),
        (
            TilePath::entries(1_000_000_000, 9),
            "tile/entries/x001/x000/x000/000.p/9",
        ),
        (
            TilePath::entries((1 << 56) - 1, 256),
            "tile/entries/x072/x057/x594/x037/x927/935",
        ),
        (TilePath::hashes(7, 0, 255), "tile/7/000.p/255"),
    ] {
        let path = path.unwrap();
        assert!(!path.range().is_empty());
        assert_eq!(path.to_string(), text);
        assert_eq!(text.parse(), Ok(path));
    }
}

#[test]
fn any_other_spelling_is_refused() {
    for text in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/00/000",
        "tile/+0/000",
        "tile/8/000",
        "tile/64/000",
        "tile/data/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/X001/000",
        "tile/0/000/",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/+1",
        "tile/0/000.p/1.p/1",
        "tile/0/../000",
        "tile/0/x072/x057/x594/x037/x927/936",
        "tile/7/001",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/00\u{661}",
    ] {
        assert!(text.parse::<TilePath>().is_err(), "{text}");
    }
}

/// The example of C2SP tlog-tiles, "Partial Tiles".
#[test]
fn seventy_thousand_leaves_have_the_tiles_of_the_specification() {
    let paths: Vec<_> = tiles_to_write(0, 70_000)
        .map(|path| path.to_string())
        .collect();
    assert_eq!(paths.len(), 273 + 1 + 1 + 1 + 1);
    assert_eq!(paths[272], "tile/0/272");
    assert_eq!(
        paths[273..],
        [
            "tile/0/273.p/112",
            "tile/1/000",
            "tile/1/001.p/17",
            "tile/2/000.p/1"
        ]
    );
    let paths: Vec<_> = tiles_to_write(0, 256)
        .map(|path| path.to_string())
        .collect();
    assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1"]);
    let bundles: Vec<_> = bundles_to_write(255, 258)
        .map(|path| path.to_string())
        .collect();
    assert_eq!(bundles, ["tile/entries/000", "tile/entries/001.p/2"]);
}

#[test]
fn a_log_that_has_not_grown_has_nothing_to_write() {
    for size in [0, 1, 255, 256, 70_000, u64::MAX] {
        assert_eq!(tiles_to_write(size, size).count(), 0);
        assert_eq!(bundles_to_write(size, size).count(), 0);
    }
    assert_eq!(tiles_to_write(9, 8).count(), 0);
}

proptest! {
    #[test]
    fn a_path_reads_back(level in 0u8..8, index in any::<u64>(), width in 1u16..=256, entries in any::<bool>()) {
        let path = if entries {
            TilePath::entries(index >> 8, width)
        } else {
            TilePath::hashes(level, index.checked_shr(8 * u32::from(level + 1)).unwrap_or(0), width)
        }.unwrap();
        prop_assert_eq!(path.to_string().parse(), Ok(path));
        prop_assert_eq!(path.full().width(), 256);
        prop_assert!(path.full().range().contains(&path.range().start));
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "tile/(entries|[0-9]{1,3})/[x0-9/.p]{0,30}") {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    /// Publishing in steps writes, among others, all the files of publishing at once.
    #[test]
    fn steps_write_all_that_one_publication_would(sizes in prop::collection::vec(0u64..200_000, 1..4)) {
        let mut sizes = sizes;
        sizes.sort_unstable();
        let last = sizes[sizes.len() - 1];
        let mut old = 0;
        let mut written = std::collections::BTreeSet::new();
        for size in sizes {
            written.extend(tiles_to_write(old, size));
            written.extend(bundles_to_write(old, size));
            old = size;
        }
        for path in tiles_to_write(0, last).chain(bundles_to_write(0, last)) {
            prop_assert!(written.contains(&path), "{}", path);
        }
    }
}
