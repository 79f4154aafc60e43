//! Zeroed memory on huge pages, where the system has them: suffixes are visited in no order, and a small page would be looked up anew for each.

use bytemuck::Pod;
use memmap2::MmapMut;

/// So many bytes.
pub struct Memory {
    map: MmapMut,
    length: usize,
}

impl Memory {
    /// Zeros.
    pub fn new(length: usize) -> std::io::Result<Self> {
        let map = MmapMut::map_anon(length.max(1))?;
        // Where it is refused everything is the same, and slower.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self { map, length })
    }

    /// All of it as numbers of some width, which its length is a multiple of.
    pub fn as_slice<T: Pod>(&self) -> &[T] {
        bytemuck::cast_slice(&self.map[..self.length])
    }

    /// The same, to change.
    pub fn as_mut_slice<T: Pod>(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.map[..self.length])
    }
}
