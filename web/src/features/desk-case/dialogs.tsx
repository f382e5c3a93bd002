import type { ComponentType } from 'react'
import type { Case } from '@/api'
import type { DialogAct } from './act'
import { Decide, Review } from './DecisionDialogs'
import { Accept, Decline, Extend, Resume } from './OpinionDialog'
import { RequestSupplement } from './RequestSupplement'
import { Suspend } from './Suspend'

export interface DialogProps { c: Case; act: DialogAct; close: () => void }
export type Kind = 'accept' | 'request-supplement' | 'decline' | 'review' | 'decide' | 'suspend' | 'resume' | 'extend'

interface Offer {
  kind: Kind
  label: string
  danger?: boolean
  dialog: ComponentType<DialogProps>
  /** Why it cannot be done yet, or undefined. */
  blocked?: (c: Case) => string | undefined
}

/** Nothing is accepted before each paper has been looked at. */
const unchecked = (c: Case) => {
  const n = c.materials.filter((m) => m.files.length > 0 && m.result === '').length
  return n > 0 ? `还有 ${n} 份材料没有核对，逐份核对后才能受理。` : undefined
}
const wrong = (c: Case) => {
  const names = c.materials.filter((m) => m.result === 'wrong').map((m) => m.name)
  if (names.length === 0) return undefined
  return c.can.includes('request-supplement')
    ? `“${names.join('”“')}”有问题，请一次告知补正。`
    : `“${names.join('”“')}”有问题，补正依法只能告知一次：核对合格后受理，否则不予受理。`
}

/** In the order in which they are offered: the first is what usually comes next. */
export const dialogs: Offer[] = [
  { kind: 'accept', label: '受理', dialog: Accept, blocked: (c) => unchecked(c) ?? wrong(c) },
  { kind: 'decide', label: '作出决定', dialog: Decide },
  { kind: 'review', label: '提交审查意见', dialog: Review },
  { kind: 'resume', label: '恢复计时', dialog: Resume },
  { kind: 'request-supplement', label: '要求补正', dialog: RequestSupplement },
  { kind: 'suspend', label: '特别程序', dialog: Suspend },
  { kind: 'extend', label: '延长期限', dialog: Extend },
  { kind: 'decline', label: '不予受理', danger: true, dialog: Decline },
]
