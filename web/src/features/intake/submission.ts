import { cases, type Case } from '@/api'
import { newKey, store } from '@/ui/store'

const name = (draftId: string) => `onedoor.submit.${draftId}`

/**
 * Hands a draft in. The idempotency key is made once per draft and kept until the answer is here:
 * a click after a lost answer, a reload or a second tab meets the same case, never a second one.
 */
export async function submit(draftId: string): Promise<Case> {
  let key = store.get<string>(name(draftId))
  if (!key) {
    key = newKey()
    store.set(name(draftId), key)
  }
  const c = await cases.submit(draftId, key)
  store.remove(name(draftId))
  return c
}
