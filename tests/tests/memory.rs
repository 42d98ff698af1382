//! Memory that nobody uses goes back to the system: how the allocator is built. What it comes to under a crowd is the
//! soak's to say (`tests/soak`), which takes too long for every day.

use relais_tests::house::relais_with;

#[test]
fn the_allocator_purges_by_itself_and_keeps_no_caches_of_each_thread() {
    // The allocator tells its own settings when the process ends.
    let told = relais_with(
        &["help"],
        &[("MALLOC_CONF", "stats_print:true"), ("_RJEM_MALLOC_CONF", "stats_print:true")],
    );
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    for setting in ["opt.background_thread: true", "opt.tcache: false"] {
        assert!(told.contains(setting), "{setting} is not among {told}");
    }
}
