import Glibc
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletSafetensors
import SwiftletSystem

extension TrainingError {
  /// A file or folder of the output that the system refused to write.
  init(writing error: FileError) {
    if let bytes = error.refusedBytes {
      self = .memory(bytes: bytes, purpose: error.path)
    } else {
      self = .unwritable(reason: error.description + Self.hint(for: error.code))
    }
  }

  private static func hint(for code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "; free some space, or name another folder with --output"
    case EACCES, EPERM, EROFS: "; name a folder that you may write with --output"
    case EFBIG: "; raise the limit of the file size (ulimit -f)"
    case ENOENT: "; the folder that contains the output must exist"
    default: ""
    }
  }

  /// A file that could not be read.
  init(reading error: FileError) {
    if let bytes = error.refusedBytes {
      self = .memory(bytes: bytes, purpose: error.path)
    } else {
      self = .unreadable(reason: error.description)
    }
  }

  /// Tensors that could not be written.
  init(writing error: SafetensorsError) {
    if case .noMemory(let file, let bytes) = error {
      self = .memory(bytes: bytes, purpose: file)
    } else {
      self = .unwritable(reason: error.description)
    }
  }

  /// Tensors that could not be read.
  init(reading error: SafetensorsError) {
    if case .noMemory(let file, let bytes) = error {
      self = .memory(bytes: bytes, purpose: file)
    } else {
      self = .unreadable(reason: error.description)
    }
  }

  /// A checkpoint that could not be written.
  init(writing error: CheckpointError) {
    if case .memory(let memory) = error {
      self = .memory(bytes: memory.bytes, purpose: memory.purpose)
    } else {
      self = .unwritable(reason: error.description)
    }
  }

  /// A checkpoint that could not be read.
  init(reading error: CheckpointError) {
    if case .memory(let memory) = error {
      self = .memory(bytes: memory.bytes, purpose: memory.purpose)
    } else {
      self = .unreadable(reason: error.description)
    }
  }
}

extension TrainingError {
  /// An error of a training that ran.
  init(_ error: any Error, step: Int = 0, total: Int = 0) {
    switch error {
    case let error as TrainingError: self = error
    case let error as TrainingFailure: self = .stopped(error)
    case let error as MemoryError: self = .memory(bytes: error.bytes, purpose: error.purpose)
    case let error as CheckpointError: self.init(reading: error)
    case is Interruption: self = .cancelled(step: step, total: total)
    default: self = .unreadable(reason: "\(error)")
    }
  }
}
