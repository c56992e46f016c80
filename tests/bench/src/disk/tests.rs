use std::path::Path;

use super::Disk;

const MOUNTS: &str = "\
/dev/vda / ext4 rw,relatime 0 0
tmpfs /tmp tmpfs rw,nosuid 0 0
/dev/vdb /srv/data\\040sets xfs rw 0 0
";

#[test]
fn the_innermost_mount_counts() {
    let kind = |folder| Disk::among(MOUNTS, Path::new(folder)).unwrap().kind;
    assert_eq!(kind("/home/me/target"), "ext4");
    assert_eq!(kind("/tmp/target"), "tmpfs");
    assert_eq!(kind("/tmpfoo"), "ext4");
    assert_eq!(kind("/srv/data sets/target"), "xfs");
}

#[test]
fn what_lives_in_memory_is_not_durable() {
    let durable = |folder| Disk::among(MOUNTS, Path::new(folder)).unwrap().is_durable();
    assert!(durable("/home"));
    assert!(!durable("/tmp"));
}
