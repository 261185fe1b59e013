import Glibc

/// Checks that memory is available before work that cannot report a refusal.
///
/// Swift's arrays and strings end the process if the system refuses their memory. A check before
/// the work turns the refusal into an error.
package enum MemoryReserve {
  /// Bytes added to each check, for the small objects that the work allocates.
  package static let margin = 4 << 20

  /// Maps `bytes` and the margin, and unmaps them.
  ///
  /// Without a limit on the address space, sizes below 1 MiB are not checked: the two system calls
  /// take some microseconds.
  ///
  /// - Throws: `MemoryError` with `bytes`.
  package static func check(
    _ bytes: Int, for purpose: @autoclosure () -> String
  ) throws(MemoryError) {
    guard isLimited || bytes >= 1 << 20 else { return }
    let (size, overflow) = bytes.addingReportingOverflow(margin)
    guard !overflow,
      let base = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      base != MAP_FAILED
    else { throw MemoryError(bytes: bytes, purpose: purpose()) }
    munmap(base, size)
  }

  /// Makes all threads share one heap if the address space is limited; call it before the first
  /// thread starts.
  ///
  /// By default the C library reserves 64 MiB of addresses for every thread's heap, so the process
  /// reaches the limit long before it uses that much memory.
  package static func shareHeapIfLimited() {
    typealias SetOption = @convention(c) (_ parameter: CInt, _ value: CInt) -> CInt
    let maxArenas: CInt = -8  // M_ARENA_MAX; Glibc's module does not have <malloc.h>
    guard isLimited, let symbol = dlsym(nil, "mallopt") else { return }
    _ = unsafeBitCast(symbol, to: SetOption.self)(maxArenas, 1)
  }

  /// Whether the process has an address space or data limit (`ulimit -v`, `ulimit -d`).
  private static let isLimited = [RLIMIT_AS, RLIMIT_DATA].contains { resource in
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0
      && limit.rlim_cur != rlim_t.max
  }
}
