#if Hub
/// What happens during a download, for a display of its progress.
public enum HubEvent: Equatable, Sendable {
  /// The files that are downloaded are known: their number and the sum of their sizes. Files in the
  /// cache do not count. The event repeats when files are added.
  case planned(files: Int, bytes: Int)
  /// Bytes of a file arrived. `received` counts from the start of the file; after a resume it begins
  /// where the last download ended.
  case received(file: String, bytes: Int, received: Int)
  /// A file is complete, verified, and in the snapshot.
  case completed(file: String)
  /// A request is repeated after a pause, and why.
  case waiting(seconds: Double, reason: String)
  /// Another process downloads the same file; this one waits for it.
  case locked(file: String)
  /// The Hub can't be used, and why; the model in the cache is used instead.
  case usingCache(reason: String)
  /// A message that the Hub sends to its users.
  case notice(String)
}
#endif
