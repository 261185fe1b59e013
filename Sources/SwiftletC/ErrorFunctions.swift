public import CSwiftlet
import Swiftlet

/// Returns the name of a status.
@c @implementation
public func swiftlet_status_name(_ status: swiftlet_status) -> UnsafePointer<CChar>? {
  switch Int(status) {
  case SWIFTLET_OK: Memory.constant("OK")
  case SWIFTLET_INVALID_ARGUMENT: Memory.constant("INVALID_ARGUMENT")
  case SWIFTLET_INVALID_UTF8: Memory.constant("INVALID_UTF8")
  case SWIFTLET_INVALID_OPTION: Memory.constant("INVALID_OPTION")
  case SWIFTLET_MISSING_FILE: Memory.constant("MISSING_FILE")
  case SWIFTLET_INVALID_MODEL: Memory.constant("INVALID_MODEL")
  case SWIFTLET_UNSUPPORTED_MODEL: Memory.constant("UNSUPPORTED_MODEL")
  case SWIFTLET_ENGINE: Memory.constant("ENGINE")
  case SWIFTLET_UNWRITABLE: Memory.constant("UNWRITABLE")
  case SWIFTLET_TEXT_TOO_LONG: Memory.constant("TEXT_TOO_LONG")
  case SWIFTLET_UNKNOWN_TOKEN: Memory.constant("UNKNOWN_TOKEN")
  case SWIFTLET_UNKNOWN_TOKEN_TYPE: Memory.constant("UNKNOWN_TOKEN_TYPE")
  case SWIFTLET_NO_TOKENS: Memory.constant("NO_TOKENS")
  case SWIFTLET_NO_MASK: Memory.constant("NO_MASK")
  case SWIFTLET_CANCELLED: Memory.constant("CANCELLED")
  case SWIFTLET_INVALID_DATA: Memory.constant("INVALID_DATA")
  case SWIFTLET_TRAINING_FAILED: Memory.constant("TRAINING_FAILED")
  default: Memory.constant("UNKNOWN")
  }
}

/// Returns the status of an error.
@c @implementation
public func swiftlet_error_status(_ error: OpaquePointer?) -> swiftlet_status {
  ErrorRecord.read(error)?.status ?? swiftlet_status(SWIFTLET_OK)
}

/// Returns the message of an error.
@c @implementation
public func swiftlet_error_message(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
  ErrorRecord.read(error)?.message ?? Memory.constant("")
}

/// Returns the index of the text that caused an error; -1 if no text did.
@c @implementation
public func swiftlet_error_text_index(_ error: OpaquePointer?) -> Int64 {
  ErrorRecord.read(error)?.textIndex ?? -1
}

/// Frees an error.
@c @implementation
public func swiftlet_error_free(_ error: OpaquePointer?) {
  ErrorRecord.free(error)
}

/// Returns the ABI version of this library.
@c @implementation
public func swiftlet_abi_version() -> UInt32 { UInt32(SWIFTLET_ABI_VERSION) }

/// Returns the version of this library.
@c @implementation
public func swiftlet_version() -> UnsafePointer<CChar>? { Memory.constant(ProjectVersion.text) }
