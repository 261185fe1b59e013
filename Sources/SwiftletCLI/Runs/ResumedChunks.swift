/// The texts after those that an interrupted run has done, which must be the same as before.
final class ResumedChunks: TextChunks {
  private let all: any TextChunks
  private let done: RunProgress
  private let name: String
  private var skipped = 0
  /// The digest of the texts that have been skipped; later that of a run that goes on.
  private(set) var digest = RowDigest()
  /// The first texts that were skipped, by which a renderer settles its columns.
  private(set) var firstRows: [SourcedText] = []

  /// - Parameters:
  ///   - all: the texts of the whole input
  ///   - done: the progress of the interrupted run
  ///   - name: its output, for messages
  init(_ all: any TextChunks, after done: RunProgress, of name: String) {
    self.all = all
    self.done = done
    self.name = name
  }

  /// - Throws: `CommandFailure` if the texts before are not those of the interrupted run.
  func next(_ limit: ChunkLimit) throws -> [SourcedText] {
    while skipped < done.records {
      let rows = min(done.records - skipped, limit.rows)
      let chunk = try all.next(
        ChunkLimit(rows: rows, bytes: skipped == 0 ? limit.bytes : ChunkLimit.maxBytes))
      guard !chunk.isEmpty else {
        guard SignalWatch.pending == nil else { return [] }
        throw changed("has only \(NumberText.grouped(skipped)) rows")
      }
      if firstRows.isEmpty { firstRows = chunk.filter { $0.problem == nil } }
      for row in chunk { digest.add(row) }
      skipped += chunk.count
      guard skipped < done.records || digest.hex == done.digest else {
        throw changed("has other rows than before")
      }
    }
    return try all.next(limit)
  }

  func takeNotes() -> [String] { all.takeNotes() }

  private func changed(_ problem: String) -> CommandFailure {
    CommandFailure(
      "cannot resume the run of \(name), which has done \(NumberText.grouped(done.records)) rows: the"
        + " input \(problem); give the same input, or delete \(name).partial to begin again", .usage
    )
  }
}
