import Swiftlet
import SwiftletCheckpoint
import SwiftletSystem
import SwiftletTokenizer

/// The choice of a student, before the data decide about its architecture.
struct StudentPlan {
  /// The layers of the teacher; nil for a given student.
  let layers: [Int]?
  /// The folder of the model that the training starts with.
  let path: String
  /// A given student.
  let given: BaseModel?
  private let architecture: Architecture?
  /// The hidden size of a narrower student.
  let width: Int?
  private let teacher: Teacher

  init(_ options: DistillationOptions, of teacher: Teacher) throws(TrainingError) {
    self.teacher = teacher
    architecture = options.architecture
    width = options.width
    try Self.checkWidth(options.width, teacher.files.configuration)
    layers = try LayerSelection.layers(
      options.student, of: teacher.files.configuration.layerCount)
    guard case .model(let path) = options.student else {
      (self.path, given) = (teacher.path, nil)
      return
    }
    guard FileIdentity(of: path) == nil || FileIdentity(of: path) != FileIdentity(of: teacher.path)
    else {
      throw .invalidOption(
        name: "--model",
        reason: "is the teacher \(teacher.path) itself; name another student, or make one of the "
          + "teacher's layers with --layers")
    }
    let model = try BaseModel(path, embeds: false)
    try Self.checkVocabulary(model, teacher)
    (self.path, given) = (path, model)
  }

  private static func checkWidth(
    _ width: Int?, _ teacher: ModelConfiguration
  ) throws(TrainingError) {
    guard let width else { return }
    let size = teacher.headSize
    guard width > 0, width < teacher.hiddenSize, width % size == 0 else {
      let largest = teacher.hiddenSize - size
      throw .invalidOption(
        name: "--width",
        reason: largest == 0
          ? "is not used with a teacher of one head, which has no narrower student"
          : "is \(width), but must be a multiple of \(size), the size of the teacher's heads, from "
            + "\(size) to \(largest)")
    }
  }

  /// Both models read the same token ids.
  private static func checkVocabulary(
    _ model: BaseModel, _ teacher: Teacher
  ) throws(TrainingError) {
    let (own, other) = (model.tokenizer, teacher.files.tokenizer)
    let sample = "Élan, naïve CAFÉ ﬁve 日本 don't [MASK] unbelievably-\u{1F600}"
    let isSame =
      own.maxID == other.maxID
      && (0...max(0, own.maxID)).allSatisfy { own.token(for: $0) == other.token(for: $0) }
      && own.encode(sample).ids == other.encode(sample).ids
    guard !isSame else { return }
    throw .invalidOption(
      name: "--model",
      reason: "\(model.path) has another vocabulary than the teacher \(teacher.path); a student "
        + "must read the same tokens")
  }

  /// The length at which texts are cut: both models must have so many positions.
  func maxLength(_ wanted: Int?, _ teacher: Teacher) throws(TrainingError) -> Int? {
    guard let given else { return wanted }
    let positions = given.configuration.maxPositions
    let usual = min(
      teacher.files.tokenizer.modelMaxLength ?? teacher.files.configuration.maxPositions,
      teacher.files.configuration.maxPositions)
    if let wanted, wanted > positions {
      throw .invalidOption(
        name: "--max-length",
        reason: "is \(wanted), but the student has \(positions) positions; lower it")
    }
    return wanted ?? min(usual, positions)
  }

  /// Returns the model to train, and why it has its architecture if that was a choice.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for an architecture that can't compute what the
  ///   teacher does.
  func base(for data: PreparedData) throws(TrainingError) -> (BaseModel, reason: String?) {
    if let given { return (given, nil) }
    let source = teacher.files.configuration
    let (chosen, reason) = try architecture(for: data, source)
    let base = try BaseModel(teacher.path, embeds: false)
    let student = Student(
      of: base, layers: layers ?? [], chosen, task: teacher.task, width: width)
    return (try student.base(), reason)
  }

  private func architecture(
    for data: PreparedData, _ source: ModelConfiguration
  ) throws(TrainingError) -> (Architecture, reason: String?) {
    guard source.architecture == .bert else {
      guard architecture != .bert else {
        throw .invalidOption(
          name: "--architecture", reason: "is bert, but the teacher is a DistilBERT; remove it")
      }
      return (.distilBERT, nil)
    }
    if architecture == .bert { return (.bert, nil) }
    guard let obstacle = Student.obstacle(data, source) else {
      return (
        .distilBERT, architecture == nil ? "--architecture bert keeps the teacher's" : nil
      )
    }
    guard architecture == nil else {
      throw .invalidOption(
        name: "--architecture", reason: "is distilbert, but \(obstacle); use bert")
    }
    return (.bert, "not DistilBERT, as \(obstacle)")
  }
}
