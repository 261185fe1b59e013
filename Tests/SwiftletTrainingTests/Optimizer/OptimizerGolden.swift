@testable import SwiftletTraining

/// `optimizer.json`: what torch and transformers compute.
struct OptimizerGolden: Decodable, Sendable {
  struct AdamW: Decodable, Sendable {
    struct State: Decodable, Sendable {
      let step: Int
      let weights: [Float]
      let first: [Float]
      let second: [Float]
    }

    struct Case: Decodable, Sendable {
      let weightDecay: Double
      let warmup: Int
      let epsilon: Double
      let states: [State]
    }

    let rate: Double
    let steps: Int
    let start: [Float]
    let gradients: [Float]
    let cases: [Case]
  }

  struct Clipping: Decodable, Sendable {
    struct Case: Decodable, Sendable {
      let limit: Double
      let norm: Double
      let first: [Double]
    }

    let tensors: [[Float]]
    let cases: [Case]
  }

  struct Schedule: Decodable, Sendable {
    struct Options: Decodable, Sendable {
      enum CodingKeys: String, CodingKey {
        case cycles = "num_cycles"
        case power, timescale
        case end = "lr_end"
      }

      let cycles: Double?
      let power: Double?
      let end: Double?
      let timescale: Int?
    }

    let name: String
    let options: Options
    let warmup: Int
    let total: Int
    let peak: Double
    let factors: [Double]

    var schedule: LearningRateSchedule? {
      switch name {
      case "linear": .linear
      case "cosine": .cosine(cycles: options.cycles ?? 0.5)
      case "cosine_with_restarts": .cosineWithRestarts(cycles: Int(options.cycles ?? 1))
      case "polynomial": .polynomial(power: options.power ?? 1, end: options.end ?? 1e-7)
      case "constant": .constant
      case "constant_with_warmup": .constantWithWarmup
      case "inverse_sqrt": .inverseSquareRoot(timescale: options.timescale)
      default: nil
      }
    }
  }

  struct Orders: Decodable, Sendable {
    struct Order: Decodable, Sendable {
      let rows: Int
      let seed: UInt64
      var lengths: [Int32]?
      var batchSize: Int?
      let order: [Int32]
    }

    let plain: [Order]
    let grouped: [Order]
  }

  let adamw: AdamW
  let clipping: Clipping
  let schedules: [Schedule]
  let orders: Orders

  static func load() throws -> OptimizerGolden {
    try TrainingGolden.load("optimizer", as: OptimizerGolden.self)
  }
}
