#if Hub
import Glibc
import SwiftletHub
import SwiftletSystem
import Synchronization

/// Downloads from the Hub for a command, which waits; a signal cancels the download, which the next
/// command continues.
struct HubDownload {
  private let progress: DownloadProgress

  init(hidesProgress: Bool) {
    progress = DownloadProgress(isEnabled: !hidesProgress)
  }

  /// Returns the folder of a model's snapshot in the cache.
  func snapshot(_ model: ModelAddress) throws(HubError) -> String {
    let hub = try Hub()
    let progress = progress
    let folder = try wait { () async throws(HubError) in
      try await hub.snapshot("\(model)") { progress.add($0) }
    }
    progress.finish("\(model)")
    return folder
  }

  /// Returns the path of a file in the cache.
  func file(_ path: String, of model: ModelAddress) throws(HubError) -> String {
    let hub = try Hub()
    let progress = progress
    let file = try wait { () async throws(HubError) in
      try await hub.file(path, of: "\(model)") { progress.add($0) }
    }
    progress.finish("\(model)")
    return file
  }

  /// Runs asynchronous work while this thread shows its progress.
  private func wait(
    _ work: @escaping @Sendable () async throws(HubError) -> String
  ) throws(HubError) -> String {
    defer { progress.clear() }
    let outcome = Outcome()
    let task = Task {
      do throws(HubError) {
        outcome.set(.success(try await work()))
      } catch {
        outcome.set(.failure(error))
      }
    }
    while true {
      let result = outcome.waitBriefly()
      progress.draw()
      if let result { return try result.get() }
      if SignalWatch.pending != nil { task.cancel() }
    }
  }
}

/// The result of asynchronous work, for the thread that waits for it.
private final class Outcome: Sendable {
  private let lock = ConditionLock()
  private let result = Mutex<Result<String, HubError>?>(nil)

  func set(_ value: Result<String, HubError>) {
    result.withLock { $0 = value }
    lock.withLock { lock.broadcast() }
  }

  /// Waits for the result for a tenth of a second; returns nil if it takes longer.
  func waitBriefly() -> Result<String, HubError>? {
    lock.withLock {
      if result.withLock({ $0 == nil }) { lock.waitBriefly() }
    }
    return result.withLock { $0 }
  }
}
#endif
