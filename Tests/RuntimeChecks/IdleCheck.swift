import Glibc
import Swiftlet

/// After work on several threads the process takes next to no processor time, and no thread is left
/// running.
func checkIdle(_ model: String) throws {
  let classifier = try Classifier(directory: model, options: ModelOptions(threads: 4))
  for length in [8, 512, 64, 8] {
    _ = try classifier.logits(ofTokenIDs: [Array(repeating: 1000, count: length)])
  }
  let before = try processorTime()
  // The time of all threads, the pool's among them: a spinning one would have 5 seconds.
  let running = (0..<10).map { _ in
    usleep(500_000)
    return runningThreads()
  }
  let spent = try processorTime() - before
  let workers = threadStates().count - 1
  try withExtendedLifetime(classifier) {
    guard workers >= 3 else { throw Failure("the pool has only \(workers) threads of its own") }
    guard spent < 0.020 else { throw Failure("5 idle seconds took \(spent) s of the processors") }
    guard running.count(where: { $0 > 0 }) <= 1 else {
      throw Failure("threads were running while idle: \(running)")
    }
  }
  print("idle: \(milliseconds(spent)) ms of the processors in 5 s, \(workers) threads asleep")
}

private func milliseconds(_ seconds: Double) -> Double { (seconds * 1e5).rounded() / 100 }

/// Seconds that all threads have computed so far.
private func processorTime() throws -> Double {
  var time = timespec()
  guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else {
    throw Failure("the system does not tell the processor time")
  }
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The running threads, except the calling one.
private func runningThreads() -> Int {
  let own = getpid()
  return threadStates().count { $0.id != own && $0.state == "R" }
}

/// The state of each thread, as the system names it: R is running, S asleep.
private func threadStates() -> [(id: Int32, state: Character)] {
  guard let folder = opendir("/proc/self/task") else { return [] }
  defer { closedir(folder) }
  var states: [(id: Int32, state: Character)] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    guard let id = Int32(name), let text = try? contents(of: "/proc/self/task/\(name)/stat"),
      let end = text.lastIndex(of: ")")
    else { continue }
    states.append((id, text[end...].dropFirst(2).first ?? "?"))
  }
  return states
}
