import Glibc

/// The pages of the process's memory.
package enum MemoryPages {
  /// Releases the memory of the whole pages within `bytes`, which must not be read again.
  ///
  /// Pages of a mapped file can be faulted in again; the contents of others are gone.
  package static func release(within bytes: UnsafeRawBufferPointer) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let address = Int(bitPattern: bytes.baseAddress)
    let first = (address + page - 1) / page * page
    let end = (address + bytes.count) / page * page
    guard first < end else { return }
    madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, MADV_DONTNEED)
  }
}
