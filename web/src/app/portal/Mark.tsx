/** The open door. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 36" aria-hidden="true">
      <path fill="none" stroke="currentColor" strokeWidth="2.5" d="M2 34h28M6 34V3h20v31" />
      <path fill="currentColor" d="M6 3l12 5v26H6z" />
      <circle className="mark-knob" cx="14.5" cy="20" r="1.6" />
    </svg>
  )
}
