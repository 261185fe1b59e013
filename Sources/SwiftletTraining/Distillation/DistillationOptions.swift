package import SwiftletCheckpoint

/// How a student is made and taught.
package struct DistillationOptions: Sendable, Equatable {
  /// The weights that a student starts with.
  package enum Student: Sendable, Equatable {
    /// So many of the teacher's layers, evenly spread; nil for half of them.
    case layers(Int?)
    /// Layers of the teacher by their numbers from 0, in rising order.
    case keeping([Int])
    /// The checkpoint in a folder.
    case model(String)
  }

  package var student: Student
  /// The student's architecture; nil for DistilBERT where it can compute what the teacher does, and that of
  /// a given checkpoint.
  package var architecture: Architecture?
  /// The student's hidden size, less than the teacher's and a multiple of the size of its heads; nil for the
  /// teacher's, and for that of a given checkpoint.
  package var width: Int?
  /// T: the logits of both models are divided by it; nil for 2. Not used in a regression.
  package var temperature: Double?
  /// α: the share of the teacher's answers in the loss, beside the true labels; nil for 0.5, or for 1 if no
  /// row has a label.
  package var alpha: Double?
  /// The weight of 1 - cosine between the last hidden rows of student and teacher; 0 for none.
  package var hiddenWeight = 0.0

  package init(_ student: Student) { self.student = student }

  /// Checks the ranges of numbers, and options that exclude each other.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``, which names the flag.
  package func validate() throws(TrainingError) {
    if let temperature, !(temperature > 0 && temperature < 1e6) {
      throw .invalidOption(
        name: "--temperature", reason: "is \(temperature), but must be above 0 and below 1e6")
    }
    if let alpha, !(alpha >= 0 && alpha <= 1) {
      throw .invalidOption(name: "--alpha", reason: "is \(alpha), but must be from 0 to 1")
    }
    guard hiddenWeight >= 0, hiddenWeight < 1e6 else {
      throw .invalidOption(
        name: "--hidden-weight", reason: "is \(hiddenWeight), but must be 0 or more and below 1e6")
    }
    if alpha == 0, hiddenWeight == 0 {
      throw .invalidOption(
        name: "--alpha",
        reason: "is 0, so that the teacher is not used; raise it, or use swiftlet train")
    }
    guard case .model = student else { return }
    let fixed = [("--architecture", architecture != nil), ("--width", width != nil)]
    for (name, isGiven) in fixed where isGiven {
      throw .invalidOption(name: name, reason: "is not used with --model, which has its own")
    }
  }
}

/// Everything that decides about a distillation.
package struct DistillationRequest: Sendable {
  /// The folder of the teacher.
  package var teacher: String
  package var distillation: DistillationOptions
  /// Data, options and output; its `model` is set by ``DistillationSession``.
  package var training: TrainingRequest

  package init(
    teacher: String, _ distillation: DistillationOptions, training: TrainingRequest
  ) {
    self.teacher = teacher
    self.distillation = distillation
    self.training = training
  }
}
