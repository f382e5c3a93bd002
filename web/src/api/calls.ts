import { bytes, fetchQr } from './binary'
import { call, http } from './client'
import type {
  Access, AuditRow, AuditState, Case, CaseRow, Draft, FormData_, FormDefinition, ImportRuns, Item, ItemRow, KeysOverview, Licence, Me, NoticePage, Org, Page, Purpose,
  QuarantinedRow, Region, UnmaskedForm, UnmaskedLicence,
} from './types'

/**
 * One function per operation, by the nouns of the API. Features call these and never write a path.
 */

const path = <T extends Record<string, string>>(p: T) => ({ params: { path: p } })
const query = <T extends Record<string, string | undefined>>(q: T) => ({ params: { query: q } })
const key = (k: string) => ({ 'Idempotency-Key': k })

export const session = {
  me: () => call<Me>(http.GET('/api/session', {})),
  signIn: (login: string, password: string) => call<Me>(http.POST('/api/session', { body: { login, password } })),
  signOut: () => call<void>(http.DELETE('/api/session', {})),
  switchPost: (post_id: string) => call<Me>(http.POST('/api/session/post', { body: { post_id } })),
  register: (body: { name: string; id_number: string; phone: string; password: string }) =>
    call<Me>(http.POST('/api/accounts', { body })),
}

export const items = {
  get: (id: string) => call<Item>(http.GET('/api/items/{id}', path({ id }))),
  search: (q: { q?: string; region?: string; dept?: string; cursor?: string }) =>
    call<Page<ItemRow>>(http.GET('/api/items', query(q))),
}

export const forms = {
  get: (id: string, version: number) =>
    call<FormDefinition>(http.GET('/api/forms/{id}', { params: { path: { id }, query: { version } } })),
}

export const drafts = {
  mine: () => call<Page<Draft>>(http.GET('/api/drafts', {})),
  open: (item_id: string) => call<Draft>(http.POST('/api/drafts', { body: { item_id } })),
  get: (id: string) => call<Draft>(http.GET('/api/drafts/{id}', path({ id }))),
  save: (id: string, form: FormData_, version: number) =>
    call<Draft>(http.PUT('/api/drafts/{id}', { ...path({ id }), body: { form, version } })),
  remove: (id: string) => call<void>(http.DELETE('/api/drafts/{id}', path({ id }))),
}

export const files = {
  uploadPath: (draftId: string, material: string, name: string) =>
    `/api/drafts/${encodeURIComponent(draftId)}/files?material=${encodeURIComponent(material)}&name=${encodeURIComponent(name)}`,
  remove: (id: string) => call<void>(http.DELETE('/api/files/{id}', path({ id }))),
  href: (id: string) => `/api/files/${encodeURIComponent(id)}`,
}

export const cases = {
  submit: (draft_id: string, idempotencyKey: string) =>
    call<Case>(http.POST('/api/cases', { params: { header: key(idempotencyKey) }, body: { draft_id, promise: true } })),
  mine: (cursor?: string) => call<Page<CaseRow>>(http.GET('/api/cases', query({ cursor }))),
  get: (no: string) => call<Case>(http.GET('/api/cases/{no}', path({ no }))),
  supplement: (no: string, body: { files: { material: string; file_id: string }[]; note: string; version: number }) =>
    call<Case>(http.POST('/api/cases/{no}/supplement', { ...path({ no }), body })),
  withdraw: (no: string, body: { version: number; reason: string }) =>
    call<Case>(http.POST('/api/cases/{no}/withdraw', { ...path({ no }), body })),
  documentHref: (no: string, id: string) =>
    `/api/cases/${encodeURIComponent(no)}/documents/${encodeURIComponent(id)}`,
  uploadPath: (no: string, material: string, name: string) =>
    `/api/cases/${encodeURIComponent(no)}/files?material=${encodeURIComponent(material)}&name=${encodeURIComponent(name)}`,
}

export type DeskTab = 'todo' | 'waiting' | 'done' | 'overdue'
export type DeskAction =
  | 'check-material' | 'accept' | 'request-supplement' | 'decline' | 'review' | 'decide' | 'suspend' | 'resume' | 'extend'

export const desk = {
  cases: (q: { tab: DeskTab; q?: string; cursor?: string }) =>
    call<Page<CaseRow>>(http.GET('/api/desk/cases', query(q))),
  case: (no: string) => call<Case>(http.GET('/api/desk/cases/{no}', path({ no }))),
  act: (no: string, action: DeskAction, body: Record<string, unknown> & { version: number }) =>
    call<Case>(http.POST(`/api/desk/cases/{no}/${action}`, { ...path({ no }), body })),
  licences: (q: { q?: string; cursor?: string }) => call<Page<Licence>>(http.GET('/api/desk/licences', query(q))),
  revoke: (id: string, body: { status: 'revoked' | 'withdrawn' | 'cancelled'; reason: string }) =>
    call<Licence>(http.POST('/api/desk/licences/{id}/revoke', { ...path({ id }), body })),
  unmaskCase: (no: string, body: Purpose & { fields: string[] }) =>
    call<UnmaskedForm>(http.POST('/api/desk/cases/{no}/unmask', { ...path({ no }), body })),
  unmaskLicence: (id: string, body: Purpose) =>
    call<UnmaskedLicence>(http.POST('/api/desk/licences/{id}/unmask', { ...path({ id }), body })),
  keys: () => call<KeysOverview>(http.GET('/api/desk/keys', {})),
  rotateKeys: (reason: string) => call<KeysOverview>(http.POST('/api/desk/keys/rotations', { body: { reason } })),
  itemStatus: (id: string, body: { status: 'published' | 'suspended' | 'cancelled'; reason?: string; version: number }) =>
    call<Item>(http.POST('/api/desk/items/{id}/status', { ...path({ id }), body })),
  importRuns: () => call<ImportRuns>(http.GET('/api/desk/imports', {})),
  imports: (q: { source: 'guangdong' | 'guangan' | 'complete'; cursor?: string }) =>
    call<Page<QuarantinedRow>>(http.GET('/api/desk/imports/quarantine', query(q))),
  audit: (q: { object_kind?: string; object_id?: string; actor?: string; from?: string; to?: string; cursor?: string }) =>
    call<Page<AuditRow>>(http.GET('/api/desk/audit', query(q))),
  auditState: () => call<AuditState>(http.GET('/api/desk/audit/state', {})),
  auditCheck: () => call<AuditState>(http.POST('/api/desk/audit/check', {})),
  stream: '/api/desk/stream',
}

export const licences = {
  mine: (cursor?: string) => call<Page<Licence>>(http.GET('/api/licences', query({ cursor }))),
  get: (id: string) => call<Licence>(http.GET('/api/licences/{id}', path({ id }))),
  fileHref: (id: string, format: 'ofd' | 'pdf') => `/api/licences/${encodeURIComponent(id)}/file?format=${format}`,
  /** A code that answers for a few minutes, as a picture to be scanned and as letters to be read out. */
  qr: (id: string) => fetchQr(`/api/licences/${encodeURIComponent(id)}/qr.png`),
  ofd: (id: string) => bytes(`/api/licences/${encodeURIComponent(id)}/file?format=ofd`),
}

/** Who looked at my data (个人信息保护法 Art 44, 45). */
export const privacy = {
  accesses: (cursor?: string) => call<Page<Access>>(http.GET('/api/my/accesses', query({ cursor }))),
}

export const notices = {
  list: (cursor?: string) => call<NoticePage>(http.GET('/api/notices', query({ cursor }))),
  unread: () => call<{ unread: number }>(http.GET('/api/notices/unread', {})),
  read: (id: string) => call<{ unread: number }>(http.POST('/api/notices/{id}/read', path({ id }))),
  readAt: (link: string) => call<{ unread: number }>(http.POST('/api/notices/read', { body: { link } })),
  stream: '/api/notices/stream',
}

export const orgs = {
  list: () => call<Page<Org>>(http.GET('/api/orgs', {})),
}

export const regions = {
  children: (parent: string) => call<Page<Region>>(http.GET('/api/regions', query({ parent }))),
}
