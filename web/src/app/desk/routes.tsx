import { lazy, type ComponentType, type LazyExoticComponent } from 'react'

/** One address of the desk. With `name` it stands in the side bar for those whose posts allow `action`. */
export interface DeskRoute {
  path: string
  name?: string
  action?: string
  page: LazyExoticComponent<ComponentType>
}

/** Routes are lazy: opening the inbox loads nothing of the audit page. */
export const routes: DeskRoute[] = [
  { path: '/desk', name: '办件', action: 'intake.view', page: lazy(() => import('@/features/desk-inbox/Inbox')) },
  { path: '/desk/cases/:no', page: lazy(() => import('@/features/desk-case/CasePage')) },
  { path: '/desk/licences', name: '证照', action: 'licence.revoke', page: lazy(() => import('@/features/desk-licences/Licences')) },
  { path: '/desk/items', name: '事项', action: 'catalog.manage', page: lazy(() => import('@/features/desk-items/Items')) },
  { path: '/desk/imports', name: '事项导入', action: 'catalog.manage', page: lazy(() => import('@/features/desk-items/Imports')) },
  { path: '/desk/audit', name: '操作记录', action: 'audit.read', page: lazy(() => import('@/features/desk-audit/Audit')) },
]

/** Outside the shell: nobody is signed in there. */
export const SignIn = lazy(() => import('@/features/desk-session/SignIn'))
