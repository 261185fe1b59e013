import Glibc
import Synchronization

// This program's own allocation functions, which take the place of the C library's for the Swift
// runtime too: they forward every call, and count it while `countAllocations` runs.

/// The count of allocations; nil unless `countAllocations` runs.
nonisolated(unsafe) private var counter: UnsafeMutablePointer<Atomic<Int>>?

/// The allocations of all threads while `body` runs.
func countAllocations(during body: () -> Void) -> Int {
  let allocations = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: 1)
  allocations.initialize(to: Atomic(0))
  counter = allocations
  body()
  counter = nil
  // Another thread may still be about to count, so these bytes are not freed.
  return allocations.pointee.load(ordering: .sequentiallyConsistent)
}

private func count() { counter?.pointee.wrappingAdd(1, ordering: .relaxed) }

/// `malloc` of this process. The linker assigns the name, which the compiler reserves.
@_cdecl("counted_malloc")
public func countedMalloc(_ size: Int) -> UnsafeMutableRawPointer? {
  count()
  return libcMalloc(size)
}

/// `calloc` of this process.
@_cdecl("calloc")
public func countedCalloc(_ number: Int, _ size: Int) -> UnsafeMutableRawPointer? {
  count()
  return libcCalloc(number, size)
}

/// `realloc` of this process.
@_cdecl("realloc")
public func countedRealloc(
  _ block: UnsafeMutableRawPointer?, _ size: Int
) -> UnsafeMutableRawPointer? {
  count()
  return libcRealloc(block, size)
}

/// `aligned_alloc` of this process.
@_cdecl("aligned_alloc")
public func countedAlignedAlloc(_ alignment: Int, _ size: Int) -> UnsafeMutableRawPointer? {
  count()
  return libcMemalign(alignment, size)
}

/// `posix_memalign` of this process.
@_cdecl("posix_memalign")
public func countedPosixMemalign(
  _ block: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ alignment: Int, _ size: Int
) -> CInt {
  count()
  guard let memory = libcMemalign(alignment, size) else { return ENOMEM }
  block.pointee = memory
  return 0
}

// The GNU C library's own names.

@_silgen_name("__libc_malloc")
private func libcMalloc(_ size: Int) -> UnsafeMutableRawPointer?

@_silgen_name("__libc_calloc")
private func libcCalloc(_ number: Int, _ size: Int) -> UnsafeMutableRawPointer?

@_silgen_name("__libc_realloc")
private func libcRealloc(
  _ block: UnsafeMutableRawPointer?, _ size: Int
) -> UnsafeMutableRawPointer?

@_silgen_name("__libc_memalign")
private func libcMemalign(_ alignment: Int, _ size: Int) -> UnsafeMutableRawPointer?
