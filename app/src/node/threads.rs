//! How the threads that answer clients share the processor with those that execute blocks.
//!
//! A query takes microseconds and a block's execution all cores: with equal slices of some milliseconds, an answer waits for several of
//! them. Since Linux 6.12 a thread may ask for shorter slices (`sched_setattr` on SCHED_OTHER): it then runs earlier when it wakes, and
//! has no more time in all than before. Elsewhere nothing is asked.

/// The slice of a thread that answers; the kernel takes 0.1 to 100 ms.
#[cfg(target_os = "linux")]
const SLICE_NS: u64 = 100_000;

/// Asks the kernel for short slices for the calling thread. It may refuse, which does no harm.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub fn answer_promptly() {
    use nix::libc;

    /// `struct sched_attr` as of its first version.
    #[repr(C)]
    #[derive(Default)]
    struct Attributes {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        runtime: u64,
        deadline: u64,
        period: u64,
    }
    let mut attributes = Attributes::default();
    let size = size_of::<Attributes>() as libc::c_uint;
    // SAFETY: both calls get a pointer to a live struct of the size they are told, for the calling thread (0), and keep none of it.
    unsafe {
        if libc::syscall(libc::SYS_sched_getattr, 0, &mut attributes, size, 0) != 0 || attributes.policy != 0 {
            return;
        }
        (attributes.size, attributes.runtime) = (size, SLICE_NS);
        libc::syscall(libc::SYS_sched_setattr, 0, &attributes, 0);
    }
}

/// There is no such request on this system.
#[cfg(not(target_os = "linux"))]
pub fn answer_promptly() {}
