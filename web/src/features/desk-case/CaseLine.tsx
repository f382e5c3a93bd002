import type { Case } from '@/api'

/** Which case a dialog is about. */
export function CaseLine({ c }: { c: Case }) {
  return <p className="desk-line"><b>{c.item_name}</b>　{c.applicant_name}　<span className="desk-quiet">{c.case_no}</span></p>
}
