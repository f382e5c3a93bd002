import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { ApiError, drafts, forms, items, type Draft, type FormDefinition, type Item } from '@/api'
import { ErrorBox, Note, Page, Waiting } from '@/ui'
import { isApplicant, useMe } from '@/ui/me'
import { Wizard } from './Wizard'
import './apply.css'

interface Opened {
  item: Item
  draft: Draft
  def: FormDefinition
}

async function open(itemId: string): Promise<Opened> {
  const [item, draft] = await Promise.all([items.get(itemId), drafts.open(itemId)])
  return { item, draft, def: await forms.get(draft.form_id, draft.form_version) }
}

/** 申请一件事: opens the person's draft of the item, or begins one. */
export default function Apply() {
  const { itemId = '' } = useParams()
  const me = useMe()
  const q = useQuery({
    queryKey: ['apply', itemId], queryFn: () => open(itemId), enabled: isApplicant(me),
    // The wizard owns what it opened: asking again in the background would pull the words from under the typing.
    staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false,
  })
  if (!isApplicant(me)) {
    return (
      <Page title="在线申请">
        <Note tone="warn">
          <p>您现在用工作人员账号登录，不能以申请人身份办事。请退出后用个人或企业账号登录。</p>
        </Note>
      </Page>
    )
  }
  if (q.isPending) return <Page title="在线申请"><Waiting lines={6} label="正在准备申请" /></Page>
  if (q.isError) {
    const again = q.error instanceof ApiError && !q.error.passing ? {} : { retry: () => void q.refetch() }
    return (
      <Page title="在线申请">
        <ErrorBox error={q.error} {...again} action={<a className="btn" href={`/items/${encodeURIComponent(itemId)}`}>回到办事指南</a>} />
      </Page>
    )
  }
  return <Wizard key={q.data.draft.id} {...q.data} />
}
