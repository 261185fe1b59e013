import Glibc

/// Checks that memory can be had before work that can't report a refusal.
///
/// Arrays and strings of the Swift runtime end the process if the system refuses their memory. A
/// check before the work turns the refusal into an error.
package enum MemoryReserve {
  /// Bytes that the runtime may need for small objects during a piece of work.
  package static let margin = 4 << 20

  /// Asks the system for `bytes` and the margin, and gives them back.
  ///
  /// Where the address space has no limit, fewer than 1 MiB are not checked: the calls take some
  /// microseconds.
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

  /// Makes all threads share one heap if the process has a limit of addresses; a program calls it
  /// before its first thread.
  ///
  /// The C library otherwise reserves 64 MiB of addresses for the heap of every thread, and with them
  /// the limit is reached long before memory is.
  package static func shareHeapIfLimited() {
    typealias SetOption = @convention(c) (_ parameter: CInt, _ value: CInt) -> CInt
    let heapLimit: CInt = -8  // M_ARENA_MAX; Glibc's module does not have <malloc.h>
    guard isLimited, let symbol = dlsym(nil, "mallopt") else { return }
    _ = unsafeBitCast(symbol, to: SetOption.self)(heapLimit, 1)
  }

  /// Whether the process has a limit of addresses or of data (`ulimit -v`, `ulimit -d`).
  private static let isLimited = [RLIMIT_AS, RLIMIT_DATA].contains { resource in
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0
      && limit.rlim_cur != rlim_t.max
  }
}
