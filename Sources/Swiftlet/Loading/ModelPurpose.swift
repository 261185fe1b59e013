package import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletSystem

/// The tasks of a model, from its `architectures`, labels and tensors; used by every task type, by
/// `swiftlet inspect` and by the server.
package struct ModelPurpose: Sendable {
  /// The tasks for which the model has a head, or an encoder meant for `embedding`; the main task
  /// first.
  package let tasks: [ModelTask]
  /// The tasks named by `architectures`, even if their heads are missing.
  package let named: [ModelTask]
  private let architectures: [String]
  private let heads: CheckpointHeads
  private let folder: ModelFolder

  /// Determines the tasks.
  ///
  /// - Parameters:
  ///   - folder: The model's folder.
  ///   - configuration: Its labels distinguish token from sequence classifiers if `architectures`
  ///     does not, and models for zero-shot classification.
  ///   - heads: The heads in the checkpoint.
  package init(
    _ folder: ModelFolder, _ configuration: ModelConfiguration, _ heads: CheckpointHeads
  ) {
    self.folder = folder
    self.heads = heads
    architectures = configuration.architectures
    named = architectures.compactMap { ModelTask(class: $0) }
    let saysBody = architectures.contains { $0.hasSuffix("Model") }
    let hasNoHead = heads.classifierOutputs == nil && !heads.answersQuestions
    // A pre-training head does not prevent embedding.
    let embeds = folder.hasPooling || saysBody || hasNoHead
    let embedsFirst = folder.hasPooling || saysBody
    var tasks = Self.classifierTasks(heads, named, configuration.labels)
    if tasks.contains(.textClassification), configuration.entailment != nil {
      tasks.append(.zeroShotClassification)
    }
    if heads.answersQuestions { tasks.append(.questionAnswering) }
    if heads.fillsMasks { tasks.append(.fillMask) }
    if embeds {
      tasks.insert(
        .embedding, at: embedsFirst && !named.contains(.textClassification) ? 0 : tasks.endIndex)
    }
    self.tasks = tasks
  }

  /// Determines the tasks from the weights.
  ///
  /// - Throws: ``SwiftletError`` for tensors with contradictory names.
  package init(
    _ folder: ModelFolder, _ configuration: ModelConfiguration, _ checkpoint: any TensorSource
  ) throws(SwiftletError) {
    do throws(CheckpointError) {
      let names = try CheckpointNames(checkpoint, directory: folder.transformer)
      self.init(folder, configuration, CheckpointHeads(names, of: configuration.architecture))
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Returns the tasks of the layer `classifier`: those named by `architectures`, or else those
  /// that its shape and the labels suggest.
  private static func classifierTasks(
    _ heads: CheckpointHeads, _ named: [ModelTask], _ labels: [String]
  ) -> [ModelTask] {
    guard let outputs = heads.classifierOutputs else { return [] }
    let choices: [ModelTask] = [.textClassification, .tokenClassification, .multipleChoice]
    let known = choices.filter { named.contains($0) }
    if !known.isEmpty { return known }
    // B- and I- mark the beginning and the inside of a span of tokens.
    let isOfTokens = labels.contains { $0.hasPrefix("B-") || $0.hasPrefix("I-") }
    if !heads.hasPooler || isOfTokens { return [.tokenClassification] }
    return outputs == 1 ? [.textClassification, .multipleChoice] : [.textClassification]
  }

  /// Throws if the model is not for a task, unless `insists` is true and it has the tensors.
  ///
  /// Does not throw for a missing head that `architectures` names: loading it names the missing
  /// tensors.
  package func check(_ task: ModelTask, insists: Bool) throws(SwiftletError) {
    if tasks.contains(task) { return }
    let canRun = hasTensors(for: task)
    if canRun, insists { return }
    if named.contains(task.head), !canRun { return }
    var reason = "\(folder.directory) is not for \(task.work): it is \(summary)"
    if let advice = advice(for: task) { reason += "; \(advice)" }
    if canRun {
      reason += "; to use it anyway, set allowsOtherTask (--allow-other-task)"
    }
    throw .unsupportedModel(reason: reason)
  }

  private func hasTensors(for task: ModelTask) -> Bool {
    switch task {
    case .textClassification, .zeroShotClassification:
      heads.classifierOutputs != nil && heads.hasPooler
    case .multipleChoice: heads.classifierOutputs == 1 && heads.hasPooler
    case .tokenClassification: heads.classifierOutputs != nil
    case .questionAnswering: heads.answersQuestions
    case .fillMask: heads.fillsMasks
    case .embedding: true
    }
  }

  /// Describes the model and the evidence for it.
  package var summary: String {
    let kind =
      tasks.first == .embedding && folder.hasPooling
      ? "a sentence-transformers model"
      : (named.first ?? tasks.first)?.model
        ?? "a model of an unknown kind"
    let names = architectures.map { "\"\($0)\"" }.joined(separator: ", ")
    return names.isEmpty
      ? "\(kind), by its tensors (config.json has no \"architectures\")"
      : "\(kind) (\"architectures\": \(names))"
  }

  /// Returns what to do instead.
  private func advice(for task: ModelTask) -> String? {
    if folder.hasSetFitHead, task != .embedding {
      return
        "SetFit stores the head in model_head.pkl, a scikit-learn pickle, which Swiftlet does not "
        + "read: compute embeddings with Embedder (swiftlet embed), and apply the head in Python"
    }
    if task == .zeroShotClassification, tasks.contains(.textClassification) {
      return
        "no label begins with \"entail\"; if one of them means entailment, rename it in "
        + "\"id2label\" and \"label2id\" of config.json"
    }
    guard let task = tasks.first else { return nil }
    return "run it with \(task.facade) (swiftlet \(task.commands[0]))"
  }
}

extension ModelFolder {
  /// Whether it is a sentence-transformers model for embeddings; the modules of a cross-encoder
  /// have no pooling.
  var hasPooling: Bool { modules.contains { $0.type == "Pooling" } }

  /// Determines the model's tasks; ignores contradictory labels.
  package func purpose() throws(SwiftletError) -> ModelPurpose {
    let labelled = try? ModelLoading.configuration(in: transformer)
    let configuration =
      if let labelled { labelled } else {
        try ModelLoading.configuration(in: transformer, labelled: false)
      }
    let checkpoint = try ModelLoading.checkpoint(in: self, ModelOptions())
    return ModelPurpose(self, configuration, checkpoint.heads(of: configuration.architecture))
  }

  /// Whether SetFit saved a classifier in the folder.
  var hasSetFitHead: Bool {
    FileIdentity(of: ModelFiles.path("model_head.pkl", in: directory)) != nil
  }
}

extension ModelConfiguration {
  /// The label for entailment, as the zero-shot pipeline finds it: the first that begins with
  /// "entail", by `label2id` if that differs from `id2label`; nil if there is none. Its id may
  /// exceed the outputs.
  var entailment: LabelID? {
    let all =
      labelIDs.isEmpty ? labels.enumerated().map { LabelID(label: $1, id: $0) } : labelIDs
    return all.first { $0.label.lowercased().hasPrefix("entail") }
  }
}
