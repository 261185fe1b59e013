import Glibc
import SwiftletSystem

/// Checks that the system starts enough threads, before libraries start theirs, which end the
/// process on failure.
package enum ThreadReserve {
  /// Starts `count` threads that run at the same time, checks that `bytes` of memory are available
  /// besides them, and ends the threads.
  ///
  /// - Throws: `KernelsError.noThreads`, `KernelsError.noMemory`.
  package static func check(_ count: Int, bytes: Int = 0) throws(KernelsError) {
    let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(gate, nil)
    defer {
      pthread_mutex_destroy(gate)
      gate.deallocate()
    }
    var threads: [pthread_t] = []
    var code: Int32 = 0
    pthread_mutex_lock(gate)
    while threads.count < count, code == 0 {
      var thread = pthread_t()
      code = pthread_create(
        &thread, nil,
        { gate in
          guard let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self) else { return nil }
          pthread_mutex_lock(gate)
          pthread_mutex_unlock(gate)
          return nil
        }, gate)
      if code == 0 { threads.append(thread) }
    }
    let refusal: MemoryError?
    do throws(MemoryError) {
      try MemoryReserve.check(bytes, for: "\(count) threads and their work")
      refusal = nil
    } catch {
      refusal = error
    }
    pthread_mutex_unlock(gate)
    for thread in threads { pthread_join(thread, nil) }
    guard code == 0 else {
      throw .noThreads(
        wanted: count, found: threads.count, reason: String(cString: strerror(code)))
    }
    if let refusal { throw .noMemory(refusal) }
  }
}
