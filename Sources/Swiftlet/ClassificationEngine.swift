import SwiftletEncoder
import SwiftletKernels
import SwiftletSafetensors
import Synchronization

/// Ids in, logits out, over all the threads: the model with its head, and a workspace for every pass
/// that runs at the same time.
final class ClassificationEngine: Sendable {
  let configuration: ModelConfiguration
  let pool: WorkerPool
  private let head: SequenceClassificationHead
  private let passes: PassStore

  private init(encoder: Encoder, head: SequenceClassificationHead, pool: WorkerPool) {
    self.configuration = encoder.configuration
    self.pool = pool
    self.head = head
    let maximumTokens = Self.tokenBudget(encoder)
    passes = PassStore(maximumTokens: maximumTokens) {
      Pass(encoder, head, maximumTokens: maximumTokens, team: pool.makeTeam())
    }
  }

  /// Also returns the names of tensors that the model did not need.
  static func load(
    directory: String, configuration: ModelConfiguration, options: ModelOptions
  ) throws(SwiftletError) -> (ClassificationEngine, unused: [String]) {
    let pool = WorkerPool(threadCount: try threadCount(options.threads))
    do throws(EncoderError) {
      let checkpoint = try CheckpointReader(
        directory: directory, loading: options.loading == .read ? .read : .mapped)
      let kernels = try kernels(options, isQuantized: checkpoint.isQuantized)
      let head = try SequenceClassificationHead(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
      let encoder = try Encoder(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
      return (
        ClassificationEngine(encoder: encoder, head: head, pool: pool), checkpoint.unreadTensors
      )
    } catch {
      throw SwiftletError(error)
    }
  }

  private static func kernels(
    _ options: ModelOptions, isQuantized: Bool
  ) throws(EncoderError) -> Kernels {
    let precision = options.precision ?? (isQuantized ? .int8 : .float32)
    do throws(KernelsError) {
      return try Kernels(
        backend: SwiftletKernels.GEMMBackend(options.gemm),
        precision: precision == .int8 ? .int8 : .float32)
    } catch {
      throw .kernels(reason: error.description)
    }
  }

  /// The threads that were asked for, or those that the machine has for this process.
  static func threadCount(_ wanted: Int?) throws(SwiftletError) -> Int {
    let count: Int
    do throws(KernelsError) {
      count = if let wanted { wanted } else { try ProcessorCount.available() }
    } catch {
      throw SwiftletError(error)
    }
    guard (1...4096).contains(count) else {
      throw .invalidOption(reason: "threads is \(count); it must be between 1 and 4096")
    }
    return count
  }

  /// `config.json` of a model's directory.
  static func configuration(in directory: String) throws(SwiftletError) -> ModelConfiguration {
    do throws(EncoderError) {
      return try ModelConfiguration(path: ModelFiles.path("config.json", in: directory))
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Tokens that one pass takes at most: enough for the longest text, and for large products.
  private static func tokenBudget(_ encoder: Encoder) -> Int {
    max(encoder.configuration.maximumPositions, 512)
  }

  /// The logits [sequences, labels] of a batch of any size, row after row.
  func logits(of batch: PackedBatch) -> [Float] {
    let count = head.labelCount
    guard batch.sequenceCount > 0 else { return [] }
    return [Float](unsafeUninitializedCapacity: batch.sequenceCount * count) { logits, filled in
      filled = batch.sequenceCount * count
      guard let pointer = logits.baseAddress else { return }
      let target = SharedLogits(pointer: pointer)
      let parts = self.parts(of: batch)
      guard parts.count > 1 else { return run(batch, parts[0], into: target) }
      // Threads that find no part left join the passes that still run.
      pool.run(count: parts.count) { [self] in run(batch, parts[$0], into: target) }
    }
  }

  private func run(_ batch: PackedBatch, _ sequences: Range<Int>, into target: SharedLogits) {
    passes.withPass { pass in
      pass.run(
        batch.slice(sequences), into: target.pointer + sequences.lowerBound * head.labelCount,
        on: pool)
    }
  }

  /// The sequences of each pass. A batch that gives every thread enough to do is cut into passes of
  /// about the same size, one for each thread at a time: threads that don't wait for each other lose
  /// nothing to the slowest.
  private func parts(of batch: PackedBatch) -> [Range<Int>] {
    let most = passes.maximumTokens
    let rounds = (batch.tokenCount + most * pool.threadCount - 1) / (most * pool.threadCount)
    let even = batch.tokenCount / (rounds * pool.threadCount)
    let size = even < Self.fewestTokens ? most : min(even, most)
    var parts: [Range<Int>] = []
    var first = 0
    while first < batch.sequenceCount {
      let last = end(ofPassFrom: first, in: batch, size: size)
      parts.append(first..<last)
      first = last
    }
    return parts
  }

  /// Tokens for which a thread's own pass is worth reading all the weights.
  private static let fewestTokens = 192

  /// Sequences of at least `size` tokens together, but as many as fit the workspace.
  private func end(ofPassFrom first: Int, in batch: PackedBatch, size: Int) -> Int {
    var last = first + 1
    while last < batch.sequenceCount,
      batch.starts[last] - batch.starts[first] < size,
      batch.starts[last + 1] - batch.starts[first] <= passes.maximumTokens
    { last += 1 }
    return last
  }
}

/// Where the passes of a batch write, each its own rows.
private struct SharedLogits: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
}

/// One pass at a time: the model, and the workspace and the team to run it.
private final class Pass: TeamWork, @unchecked Sendable {
  private let encoder: Encoder
  private let head: SequenceClassificationHead
  private let workspace: Workspace
  private let team: Team
  private var batch = PackedBatch().slice()
  private var logits: UnsafeMutablePointer<Float>?

  init(_ encoder: Encoder, _ head: SequenceClassificationHead, maximumTokens: Int, team: Team) {
    self.encoder = encoder
    self.head = head
    self.team = team
    workspace = encoder.makeWorkspace(maximumTokens: maximumTokens, members: team.capacity)
  }

  func run(
    _ batch: PackedSlice, into logits: UnsafeMutablePointer<Float>, on pool: WorkerPool
  ) {
    self.batch = batch
    self.logits = logits
    pool.run(self, by: team)
  }

  func run(_ member: inout TeamMember) {
    guard let logits else { return }
    let rows = encoder.forward(batch, reading: .firstTokens, workspace, &member)
    head.forward(rows, into: logits, workspace, encoder.kernels, &member)
  }
}

/// Passes that nobody runs at the moment; one is made when there is none.
private final class PassStore: Sendable {
  let maximumTokens: Int
  private let make: @Sendable () -> Pass
  private let idle = Mutex<[Pass]>([])

  init(maximumTokens: Int, make: @escaping @Sendable () -> Pass) {
    self.maximumTokens = maximumTokens
    self.make = make
  }

  func withPass(_ body: (Pass) -> Void) {
    let pass = idle.withLock { $0.popLast() } ?? make()
    body(pass)
    idle.withLock { $0.append(pass) }
  }
}

extension SwiftletKernels.GEMMBackend {
  init(_ backend: Swiftlet.GEMMBackend) {
    switch backend {
    case .automatic: self = .automatic
    case .native: self = .native
    case .cblas: self = .cblas
    }
  }
}
