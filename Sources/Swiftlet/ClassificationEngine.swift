import SwiftletEncoder
import SwiftletKernels
import SwiftletSafetensors
import Synchronization

/// Ids in, logits out, over all the threads: the model with its head, and a workspace for everyone
/// who computes.
final class ClassificationEngine: Sendable {
  let configuration: ModelConfiguration
  let pool: WorkerPool
  private let encoder: Encoder
  private let head: SequenceClassificationHead
  private let workspaces: WorkspaceStore

  private init(encoder: Encoder, head: SequenceClassificationHead, pool: WorkerPool) {
    self.configuration = encoder.configuration
    self.pool = pool
    self.encoder = encoder
    self.head = head
    self.workspaces = WorkspaceStore(encoder: encoder, maximumTokens: Self.tokenBudget(encoder))
  }

  /// Also returns the names of tensors that the model did not need.
  static func load(
    directory: String, configuration: ModelConfiguration, options: ModelOptions
  ) throws(SwiftletError) -> (ClassificationEngine, unused: [String]) {
    let kernels: Kernels
    let threads: Int
    do throws(KernelsError) {
      kernels = try Kernels(
        backend: SwiftletKernels.GEMMBackend(options.gemm),
        precision: options.precision == .int8 ? .int8 : .float32)
      if let count = options.threads {
        threads = count
      } else {
        threads = try ProcessorCount.available()
      }
    } catch {
      throw SwiftletError(error)
    }
    guard (1...4096).contains(threads) else {
      throw .invalidOption(reason: "threads is \(threads); it must be between 1 and 4096")
    }
    do throws(EncoderError) {
      let checkpoint = try CheckpointReader(
        directory: directory, loading: options.loading == .read ? .read : .mapped)
      let head = try SequenceClassificationHead(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels)
      let encoder = try Encoder(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels)
      let engine = ClassificationEngine(
        encoder: encoder, head: head, pool: WorkerPool(threadCount: threads))
      return (engine, checkpoint.unreadTensors)
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Tokens that one pass takes at most: enough for the longest text, and for large products.
  private static func tokenBudget(_ encoder: Encoder) -> Int {
    max(encoder.configuration.maximumPositions, 1024)
  }

  /// The logits [sequences, labels] of a batch of any size, row after row.
  func logits(of batch: PackedBatch) -> [Float] {
    let passes = passes(over: batch)
    let count = head.labelCount
    return [Float](unsafeUninitializedCapacity: batch.sequenceCount * count) { logits, filled in
      filled = batch.sequenceCount * count
      guard let base = logits.baseAddress else { return }
      nonisolated(unsafe) let target = base
      pool.run(count: passes.count) { [self] index in
        let sequences = passes[index]
        run(batch.slice(sequences), into: target + sequences.lowerBound * count)
      }
    }
  }

  private func run(_ batch: PackedBatch, into logits: UnsafeMutablePointer<Float>) {
    workspaces.withWorkspace { workspace in
      let rows = encoder.forward(batch, reading: .firstTokens, &workspace)
      head.forward(rows, into: logits, &workspace, encoder.kernels)
    }
  }

  /// Cuts a batch into passes that fit the workspace, and into as many as there are threads if it has
  /// the tokens for that.
  private func passes(over batch: PackedBatch) -> [Range<Int>] {
    let smallestWorthwhile = 64
    let share = (batch.tokenCount + pool.threadCount - 1) / pool.threadCount
    let budget = min(Self.tokenBudget(encoder), max(share, smallestWorthwhile))
    var passes: [Range<Int>] = []
    var first = 0
    for sequence in 0..<batch.sequenceCount {
      if sequence > first, batch.starts[sequence + 1] - batch.starts[first] > budget {
        passes.append(first..<sequence)
        first = sequence
      }
    }
    if first < batch.sequenceCount { passes.append(first..<batch.sequenceCount) }
    return passes
  }
}

/// Workspaces that nobody uses at the moment; one is made when there is none.
private final class WorkspaceStore: Sendable {
  private let encoder: Encoder
  private let maximumTokens: Int
  private let idle = Mutex<[Holder]>([])

  private final class Holder: @unchecked Sendable {
    var workspace: Workspace

    init(_ workspace: consuming Workspace) { self.workspace = workspace }
  }

  init(encoder: Encoder, maximumTokens: Int) {
    self.encoder = encoder
    self.maximumTokens = maximumTokens
  }

  func withWorkspace(_ body: (inout Workspace) -> Void) {
    let holder =
      idle.withLock { $0.popLast() }
      ?? Holder(encoder.makeWorkspace(maximumTokens: maximumTokens))
    body(&holder.workspace)
    idle.withLock { $0.append(holder) }
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
