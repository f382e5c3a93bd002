import { fileSize } from './time'

/** What may be handed in. Said before a file is chosen, checked here to save a useless upload, and decided by the server. */
export const fileRules = {
  maxBytes: 20 * 1024 * 1024,
  maxFiles: 50,
  extensions: ['pdf', 'jpg', 'jpeg', 'png', 'ofd', 'doc', 'docx', 'xls', 'xlsx', 'wps', 'et'],
} as const

export const fileRuleWords = `可上传图片（JPG、PNG）、PDF、OFD 或者办公文档（DOC、DOCX、XLS、XLSX、WPS），单个不超过 ${fileSize(fileRules.maxBytes).replace('.0', '')}，一次申请最多 ${fileRules.maxFiles} 个。`

/** Why a file cannot be handed in, or null. */
export function refuseFile(file: { name: string; size: number }, already: number): string | null {
  const ext = file.name.includes('.') ? file.name.split('.').pop()!.toLowerCase() : ''
  if (already >= fileRules.maxFiles) return `已有 ${fileRules.maxFiles} 个文件，不能再添加。请先删除不需要的文件，或把多页合并成一个文件。`
  if (file.size === 0) return `“${file.name}”是空文件，请检查后重新选择。`
  if (file.size > fileRules.maxBytes)
    return `“${file.name}”有 ${fileSize(file.size)}，超过 ${fileSize(fileRules.maxBytes).replace('.0', '')} 的上限。请压缩或降低扫描清晰度后再传。`
  if (!(fileRules.extensions as readonly string[]).includes(ext)) return `“${file.name}”的类型不能上传。${fileRuleWords}`
  return null
}
