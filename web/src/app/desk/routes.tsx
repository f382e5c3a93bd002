import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import AuditOutlined from '@ant-design/icons-svg/es/asn/AuditOutlined'
import ImportOutlined from '@ant-design/icons-svg/es/asn/ImportOutlined'
import InboxOutlined from '@ant-design/icons-svg/es/asn/InboxOutlined'
import KeyOutlined from '@ant-design/icons-svg/es/asn/KeyOutlined'
import ProfileOutlined from '@ant-design/icons-svg/es/asn/ProfileOutlined'
import SafetyCertificateOutlined from '@ant-design/icons-svg/es/asn/SafetyCertificateOutlined'
import type { IconDefinition } from '@ant-design/icons-svg/es/types'

/** One address of the desk. With `name` it stands in the side bar for those whose posts allow one of the actions. */
export interface DeskRoute {
  path: string
  name?: string
  icon?: IconDefinition
  actions?: string[]
  page: LazyExoticComponent<ComponentType>
}

/** Routes are lazy: opening the inbox loads nothing of the audit page. */
export const routes: DeskRoute[] = [
  { path: '/desk', name: '办件', icon: InboxOutlined, actions: ['intake.view'], page: lazy(() => import('@/features/desk-inbox/Inbox')) },
  { path: '/desk/cases/:no', page: lazy(() => import('@/features/desk-case/CasePage')) },
  { path: '/desk/licences', name: '证照', icon: SafetyCertificateOutlined, actions: ['licence.view', 'licence.revoke'], page: lazy(() => import('@/features/desk-licences/Licences')) },
  { path: '/desk/items', name: '事项', icon: ProfileOutlined, actions: ['catalog.manage'], page: lazy(() => import('@/features/desk-items/Items')) },
  { path: '/desk/imports', name: '事项导入', icon: ImportOutlined, actions: ['catalog.manage'], page: lazy(() => import('@/features/desk-items/Imports')) },
  { path: '/desk/keys', name: '密钥与加密', icon: KeyOutlined, actions: ['keys.manage'], page: lazy(() => import('@/features/desk-keys/Keys')) },
  { path: '/desk/audit', name: '操作记录', icon: AuditOutlined, actions: ['audit.read'], page: lazy(() => import('@/features/desk-audit/Audit')) },
]

/** Outside the shell: nobody is signed in there. */
export const SignIn = lazy(() => import('@/features/desk-session/SignIn'))
